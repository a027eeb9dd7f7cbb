/** Keeps the page's data up to date: each event of the workstation names the queries to repeat. */
import { useEffect } from 'react'
import { tryParseJson } from '../../src-core/parse-json.ts'
import { WorkstationEvent } from '../../src-core/contract/workstation.ts'
import { api, queryClient } from './client.ts'
import { openEventStream } from './event-stream.ts'
import type { EventStream } from './event-stream.ts'

const TOUCHED: Record<WorkstationEvent['type'], () => readonly (readonly unknown[])[]> = {
  library: () => [
    api.library.studies.key(),
    api.library.study.key(),
    api.library.instances.key(),
    api.sharing.review.key(),
  ],
  folders: () => [api.library.folders.key(), api.library.skipped.key(), api.library.importState.key()],
  outbox: () => [api.outbox.key(), api.connection.key(), api.shares.key(), api.library.studies.key()],
  shares: () => [api.shares.key(), api.library.studies.key(), api.audit.list.key()],
  directory: () => [api.directory.key()],
  session: () => [api.session.key(), api.sharing.defaults.key()],
  settings: () => [api.settings.key(), api.sharing.defaults.key()],
  connection: () => [api.connection.key(), api.outbox.key()],
}

/**
 * Smallest time in ms between two repetitions of the queries of one event type. While a large folder is read, the
 * library changes ten times a second. If the page repeated its queries each time, it would cancel them before they are
 * answered, and react late to keys.
 */
const PACE_MS: Partial<Record<WorkstationEvent['type'], number>> = { library: 1000, folders: 500 }

const asking = new Set<WorkstationEvent['type']>()
const again = new Set<WorkstationEvent['type']>()

/** Repeats the queries at once. Events that arrive meanwhile cause one more repetition. */
async function refresh(type: WorkstationEvent['type']): Promise<void> {
  again.add(type)
  if (asking.has(type)) return
  asking.add(type)
  while (again.delete(type)) {
    await Promise.all(TOUCHED[type]().map((queryKey) => queryClient.invalidateQueries({ queryKey })))
    await new Promise((done) => setTimeout(done, PACE_MS[type] ?? 0))
  }
  asking.delete(type)
}

/** Milliseconds between two repetitions of all active queries while the event stream is closed. */
const POLL_MS = 3000

/** Listens to /events. While the stream is closed, it polls and tries to open the stream again. */
export function useWorkstationEvents(): void {
  useEffect(() => {
    let stream: EventStream | null = null
    let wasDown = false
    const everything = (): void => {
      for (const type of Object.keys(TOUCHED)) void refresh(type as WorkstationEvent['type'])
    }
    const open = (): void => {
      stream = openEventStream('/events', {
        data: (text) => {
          const event = tryParseJson(text, WorkstationEvent)
          if (event !== undefined) void refresh(event.type)
        },
        // Events that happened while the stream was closed were missed.
        open: () => {
          if (wasDown) everything()
          wasDown = false
        },
        end: () => {
          wasDown = true
        },
      })
    }
    open()
    const timer = setInterval(() => {
      if (stream?.open) return
      everything()
      if (stream?.ended) open()
    }, POLL_MS)
    return () => {
      clearInterval(timer)
      stream?.close()
    }
  }, [])
}
