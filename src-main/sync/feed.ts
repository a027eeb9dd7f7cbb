/** Reads the relay's feed: server-sent events from a cursor on. Each call is one connection; the caller reconnects. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { FeedEvent } from '../../src-core/contract/relay.ts'
import { tryParseJson } from '../../src-core/parse-json.ts'
import { linkedAbort } from './linked-abort.ts'
import { answerFailure, relayFailure, type RelayConnection } from './relay-address.ts'

/** The relay writes a comment every 15 s. After three missing ones the connection counts as lost. */
const SILENCE_MS = 45_000
const LONGEST_LINE = 2 ** 20

export interface FeedOptions {
  readonly connection: RelayConnection
  readonly after: number
  readonly signal: AbortSignal
  /** Called when the relay has answered or written something. */
  readonly onLife: () => void
  readonly silenceMs?: number
}

/** Returns a function that yields the data of each complete event; an incomplete event is kept for the next chunk. */
export function eventReader(): (text: string) => string[] {
  let rest = ''
  let data: string[] = []
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r/)
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) throw new OutpostError('relay-error', { at: 'feed' })
    const events: string[] = []
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) events.push(data.join('\n'))
        data = []
      } else if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''))
      }
    }
    return events
  }
}

/**
 * Yields events in the order of their cursor, grouped as they arrived. Ends when the relay closes the connection.
 * @error offline, revoked, relay-error, cancelled
 */
export async function* feedEvents({
  connection,
  after,
  signal,
  onLife,
  silenceMs = SILENCE_MS,
}: FeedOptions): AsyncGenerator<FeedEvent[], void, void> {
  const ending = linkedAbort([signal])
  let timer = setTimeout(ending.abort, silenceMs)
  const alive = (): void => {
    clearTimeout(timer)
    timer = setTimeout(ending.abort, silenceMs)
    onLife()
  }
  let cancel: () => void = () => undefined
  try {
    const response = await connection.fetch(`${connection.relayUrl}/feed?after=${after}`, {
      redirect: 'error',
      signal: ending.signal,
      headers: { accept: 'text/event-stream', authorization: `Bearer ${connection.token}` },
    })
    if (!response.ok) throw await answerFailure(response)
    if (!response.body || !(response.headers.get('content-type') ?? '').startsWith('text/event-stream'))
      throw new OutpostError('relay-error', { at: 'feed' })
    alive()
    const reader = response.body.getReader()
    // Some network stacks do not end the reading of a body when the request is aborted.
    cancel = () => {
      reader.cancel().catch(() => undefined)
    }
    ending.signal.addEventListener('abort', cancel)
    const decoder = new TextDecoder()
    const read = eventReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (ending.signal.aborted) throw new OutpostError('offline')
      if (done) return
      alive()
      const events = read(decoder.decode(value, { stream: true })).flatMap((data) => {
        const event = tryParseJson(data, FeedEvent)
        // A newer relay may send events that this version does not know.
        return event === undefined ? [] : [event]
      })
      if (events.length > 0) yield events
    }
  } catch (error) {
    if (signal.aborted) throw new OutpostError('cancelled', {}, { cause: error })
    if (ending.signal.aborted) throw new OutpostError('offline', {}, { cause: error })
    throw relayFailure(error)
  } finally {
    clearTimeout(timer)
    ending.release()
    cancel()
  }
}
