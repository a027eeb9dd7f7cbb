/** Keeps the page's projections true: each event of the workstation names the queries to ask again. */
import { useEffect } from 'react'
import { WorkstationEvent } from '../../src-core/contract/workstation.ts'
import { api, queryClient } from './client.ts'

const TOUCHED: Record<WorkstationEvent['type'], () => readonly (readonly unknown[])[]> = {
  library: () => [api.library.studies.key(), api.library.study.key(), api.library.instances.key(), api.sharing.review.key()],
  folders: () => [api.library.folders.key(), api.library.skipped.key(), api.library.importState.key()],
  outbox: () => [api.outbox.key(), api.connection.key(), api.shares.key(), api.library.studies.key()],
  shares: () => [api.shares.key(), api.library.studies.key(), api.audit.list.key()],
  directory: () => [api.directory.key()],
  session: () => [api.session.key(), api.sharing.defaults.key()],
  settings: () => [api.settings.key(), api.sharing.defaults.key()],
  connection: () => [api.connection.key(), api.outbox.key()],
}

function refresh(type: WorkstationEvent['type']): void {
  for (const queryKey of TOUCHED[type]()) void queryClient.invalidateQueries({ queryKey })
}

/** How often everything in sight is asked again while the event stream is closed. */
const POLL_MS = 3000

/** Listens to /events; while the stream is closed it polls, and opens it again. */
export function useWorkstationEvents(): void {
  useEffect(() => {
    let source: EventSource | null = null
    let closed = false
    let wasDown = false
    const everything = (): void => { for (const type of Object.keys(TOUCHED)) refresh(type as WorkstationEvent['type']) }
    const open = (): void => {
      source = new EventSource('/events')
      source.addEventListener('message', (message) => {
        const event = WorkstationEvent.safeParse(JSON.parse(String(message.data)))
        if (event.success) refresh(event.data.type)
      })
      // What happened while the stream was down was not heard.
      source.addEventListener('open', () => { if (wasDown) everything(); wasDown = false })
      source.addEventListener('error', () => { wasDown = true })
    }
    open()
    const timer = setInterval(() => {
      if (closed || source?.readyState === EventSource.OPEN) return
      everything()
      if (source?.readyState === EventSource.CLOSED) open()
    }, POLL_MS)
    return () => { closed = true; clearInterval(timer); source?.close() }
  }, [])
}
