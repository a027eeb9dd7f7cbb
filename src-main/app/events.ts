/** The workstation's events: services publish them, and pages receive them as server-sent events. */
import type { WorkstationEvent } from '../../src-core/contract/workstation.ts'
import { commentText, EVENT_STREAM_HEADERS, eventText } from '../../src-engine/http/event-stream.ts'
import type { Events } from '../ports/services.ts'

export function createEvents(): Events {
  const listeners = new Set<(event: WorkstationEvent) => void>()
  return {
    emit: (event) => {
      for (const listener of listeners) listener(event)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const HEARTBEAT_MS = 15_000
const GATHER_MS = 100

/**
 * The events as a response of type text/event-stream. Events of one type within a tenth of a second are sent as one: a
 * page only refetches what they name, and indexing would otherwise send thousands.
 */
export function eventStream(events: Events, signal: AbortSignal): Response {
  const encoder = new TextEncoder()
  let stop = () => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const gathered = new Map<string, WorkstationEvent>()
      let timer: NodeJS.Timeout | null = null
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      const flush = () => {
        timer = null
        for (const event of gathered.values()) send(eventText(event))
        gathered.clear()
      }
      const unsubscribe = events.subscribe((event) => {
        gathered.set(event.type, event)
        timer ??= setTimeout(flush, GATHER_MS)
      })
      const heartbeat = setInterval(() => send(commentText()), HEARTBEAT_MS)
      const onAbort = () => {
        stop()
        controller.close()
      }
      stop = () => {
        stop = () => {}
        unsubscribe()
        clearInterval(heartbeat)
        if (timer) clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      send(commentText())
    },
    cancel: () => stop(),
  })
  return new Response(body, { headers: EVENT_STREAM_HEADERS })
}
