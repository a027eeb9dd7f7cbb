/** Keeps the page's projections true: each event of the workstation names the queries to ask again. */
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
 * Milliseconds between two rounds of questions about one thing, at least: while a large folder is read it changes ten
 * times a second. Asked each time, the
 * page would cancel its own questions before they are answered, and be late for keys.
 */
const PACE_MS: Partial<Record<WorkstationEvent['type'], number>> = { library: 1000, folders: 500 }

const asking = new Set<WorkstationEvent['type']>()
const again = new Set<WorkstationEvent['type']>()

/** Asks at once; what happens while it is being asked is asked in one more round. */
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

/** How often everything in sight is asked again while the event stream is closed. */
const POLL_MS = 3000

/** Listens to /events; while the stream is closed it polls, and opens it again. */
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
        // What happened while the stream was down was not heard.
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
