/** GET /feed: what happened, as server-sent events from a cursor on (S9). */
import { EVENT_STREAM_HEADERS } from '../../src-engine/http/event-stream.ts'
import { failureLine } from '../../src-engine/failure-line.ts'
import { authenticate } from '../callers/workstation-identity.ts'
import type { RelayConfig, RelayContext } from '../ports/relay-context.ts'
import { FEED_CHANNEL, readNotification } from './feed-news.ts'
import { newestCursors } from './feed-queries.ts'
import { FeedStream } from './feed-stream.ts'

/** Should a notification be lost, a feed is this much late and no more. */
const CHECK_MS = 5_000

export interface Feed {
  /** @error revoked, bad-request */
  serve(request: Request): Promise<Response>
  close(): Promise<void>
}

type FeedContext = Pick<RelayContext, 'db' | 'notifications'> & { readonly config: Pick<RelayConfig, 'log'> }

/** @param checkMs how often one query asks for all streams of this process whether they missed anything */
export async function openFeed(relay: FeedContext, checkMs: number = CHECK_MS): Promise<Feed> {
  const streams = new Set<FeedStream>()
  const failed = (error: unknown): void => relay.config.log?.(failureLine('feed', error))
  const unsubscribe = await relay.notifications.subscribe(FEED_CHANNEL, (payload) => hearAll(streams, payload))
  let checking = false
  const timer = setInterval(() => {
    if (checking || streams.size === 0) return
    checking = true
    wakeLate(relay, streams)
      .catch(failed)
      .finally(() => {
        checking = false
      })
  }, checkMs)
  timer.unref()
  return {
    async serve(request) {
      const workstation = await authenticate(relay, request)
      const after = Number(new URL(request.url).searchParams.get('after') ?? request.headers.get('last-event-id') ?? 0)
      if (!Number.isSafeInteger(after) || after < 0) return Response.json({ code: 'bad-request' }, { status: 400 })
      const stream = new FeedStream(relay.db, workstation, after)
      streams.add(stream)
      request.signal.addEventListener('abort', () => stream.end())
      const body = bodyOf(stream, failed, () => streams.delete(stream))
      return new Response(body, { headers: EVENT_STREAM_HEADERS })
    },
    close() {
      clearInterval(timer)
      unsubscribe()
      for (const stream of streams) stream.end()
      return Promise.resolve()
    },
  }
}

/** Passes a notification on to the streams that it concerns. */
function hearAll(streams: ReadonlySet<FeedStream>, payload: string | null): void {
  const heard = readNotification(payload)
  for (const stream of streams) {
    if (heard === null) stream.wake()
    else if (heard.departmentId !== stream.workstation.departmentId) continue
    else if (heard.news === undefined) stream.wake()
    else stream.hear(heard.news)
  }
}

/** Wakes the streams whose workstation was revoked, or whose department has an event that they have not reached. */
async function wakeLate({ db }: FeedContext, streams: ReadonlySet<FeedStream>): Promise<void> {
  const checked = [...streams]
  const ids = new Set(checked.map(({ workstation }) => workstation.workstationId))
  const newest = await newestCursors(db, [...ids])
  for (const stream of checked) {
    const cursor = newest.get(stream.workstation.workstationId)
    if (cursor === undefined || cursor > stream.reached) stream.wake()
  }
}

/**
 * Reads on only as fast as the client takes the bytes.
 * @param failed is told why a stream ended too early; the client connects again
 * @param ended is called when the stream has ended, however that came
 */
function bodyOf(stream: FeedStream, failed: (error: unknown) => void, ended: () => void): ReadableStream<Uint8Array> {
  const text = stream.text()
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await text.next().catch(failed)
      if (next === undefined || next.done === true) {
        ended()
        controller.close()
      } else {
        controller.enqueue(encoder.encode(next.value))
      }
    },
    cancel() {
      ended()
      stream.end()
    },
  })
}
