/** The relay's feed: server-sent events from a cursor on. One connection per call; whoever calls connects again. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { FeedEvent } from '../../src-core/contract/relay.ts'
import { answerFailure, relayFailure, type RelayConnection } from './relay-address.ts'

/** The relay writes a comment every 15 s: three missed ones mean that nobody is there any more. */
const SILENCE_MS = 45_000
const LONGEST_LINE = 2 ** 20

export interface FeedOptions {
  readonly connection: RelayConnection
  readonly after: number
  readonly signal: AbortSignal
  /** The relay has answered, or written something: it is there. */
  readonly onLife: () => void
  readonly silenceMs?: number
}

/** The data of each complete event in a stream of text; what is not complete stays for the next piece. */
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
 * Events in the order of their cursor, as many at a time as came together. Ends when the relay closes the connection.
 * @error offline, revoked, relay-error, cancelled
 */
export async function* feedEvents({ connection, after, signal, onLife, silenceMs = SILENCE_MS }: FeedOptions): AsyncGenerator<FeedEvent[], void, void> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), silenceMs)
  const alive = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), silenceMs)
    onLife()
  }
  try {
    const response = await connection.fetch(`${connection.relayUrl}/feed?after=${after}`, {
      redirect: 'error', signal: AbortSignal.any([signal, silence.signal]), headers: { accept: 'text/event-stream', authorization: `Bearer ${connection.token}` },
    })
    if (!response.ok) throw await answerFailure(response)
    if (!response.body || !(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) throw new OutpostError('relay-error', { at: 'feed' })
    alive()
    const decoder = new TextDecoder()
    const read = eventReader()
    for await (const bytes of response.body) {
      alive()
      const events = read(decoder.decode(bytes, { stream: true })).flatMap((data) => {
        const event = FeedEvent.safeParse(parsed(data))
        // A relay that is newer may tell of things that this workstation does not know yet.
        return event.success ? [event.data] : []
      })
      if (events.length > 0) yield events
    }
  } catch (error) {
    if (signal.aborted) throw new OutpostError('cancelled', {}, { cause: error })
    if (silence.signal.aborted) throw new OutpostError('offline', {}, { cause: error })
    throw relayFailure(error)
  } finally {
    clearTimeout(timer)
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
