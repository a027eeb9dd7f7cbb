/** GET /feed: what happened, as server-sent events from a cursor on (S9). */
import type { FeedEvent } from '../../src-core/contract/relay.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { authenticate, type Workstation } from '../callers/workstation-identity.ts'
import { listenTo } from '../storage/listen.ts'
import { FEED_CHANNEL } from './feed-events.ts'

const KEEP_ALIVE_MS = 15_000
/** Should a wake-up be lost, the feed is this much late and no more. */
const POLL_MS = 5_000
const PAGE = 500

export interface Feed {
  /** @error revoked, bad-request */
  serve(request: Request): Promise<Response>
  close(): Promise<void>
}

export async function openFeed(relay: RelayContext): Promise<Feed> {
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const each of waiting) each()
  }
  const open = new Set<AbortController>()
  const listener = await listenTo(relay.pool, FEED_CHANNEL, wake)

  /** Resolves at the next event, or after a while. */
  const pause = (signal: AbortSignal): Promise<void> =>
    new Promise((done) => {
      const finish = (): void => {
        clearTimeout(timer)
        waiting.delete(finish)
        signal.removeEventListener('abort', finish)
        done()
      }
      const timer = setTimeout(finish, POLL_MS)
      waiting.add(finish)
      signal.addEventListener('abort', finish)
    })

  async function* lines(
    workstation: Workstation,
    after: number,
    signal: AbortSignal,
    stillEnrolled: () => Promise<boolean>,
  ): AsyncGenerator<string> {
    let cursor = after
    let quietSince = Date.now()
    let caughtUp = false
    yield ': begin\n\n'
    while (!signal.aborted) {
      const events = await eventsAfter(relay, workstation, cursor)
      for (const event of events) {
        cursor = event.cursor
        yield `id: ${event.cursor}\ndata: ${JSON.stringify(event)}\n\n`
      }
      if (events.length > 0) quietSince = Date.now()
      if (events.length === PAGE) continue
      // A comment, which clients pass over: what has happened before the request has been told.
      if (!caughtUp) yield ': caught up\n\n'
      caughtUp = true
      await pause(signal)
      if (!(await stillEnrolled())) return
      if (Date.now() - quietSince >= KEEP_ALIVE_MS) {
        quietSince = Date.now()
        yield ': still here\n\n'
      }
    }
  }

  return {
    async serve(request) {
      const workstation = await authenticate(relay, request)
      const after = Number(new URL(request.url).searchParams.get('after') ?? request.headers.get('last-event-id') ?? 0)
      if (!Number.isSafeInteger(after) || after < 0) return Response.json({ code: 'bad-request' }, { status: 400 })
      const ending = new AbortController()
      open.add(ending)
      request.signal.addEventListener('abort', () => ending.abort())
      const stillEnrolled = (): Promise<boolean> =>
        authenticate(relay, request).then(
          () => true,
          () => false,
        )
      const source = lines(workstation, after, ending.signal, stillEnrolled)
      const encoder = new TextEncoder()
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const next = await source.next().catch(() => null)
          if (next === null || next.done === true) {
            open.delete(ending)
            controller.close()
          } else {
            controller.enqueue(encoder.encode(next.value))
          }
        },
        cancel() {
          open.delete(ending)
          ending.abort()
        },
      })
      return new Response(body, {
        headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
      })
    },
    async close() {
      for (const each of open) each.abort()
      await listener.close()
    },
  }
}

async function eventsAfter({ db }: RelayContext, workstation: Workstation, cursor: number): Promise<FeedEvent[]> {
  const rows = await db
    .selectFrom('feed_event')
    .selectAll()
    .where('department_id', '=', workstation.departmentId)
    .where('cursor', '>', cursor)
    .where((expression) =>
      expression.or([
        expression('workstation_id', 'is', null),
        expression('workstation_id', '=', workstation.workstationId),
      ]),
    )
    .orderBy('cursor')
    .limit(PAGE)
    .execute()
  return rows.map((row) => ({
    cursor: row.cursor,
    at: row.at.toISOString(),
    type: row.type as FeedEvent['type'],
    shareId: row.share_id,
    recipientId: row.recipient_id,
    reason: row.reason,
  }))
}
