/** GET /feed: what happened, as server-sent events from a cursor on (S9). */
import type { FeedEvent } from '../../src-core/contract/relay.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { authenticate, type Workstation } from '../callers/workstation-identity.ts'
import { FEED_CHANNEL } from './feed-events.ts'

const KEEP_ALIVE_MS = 15_000
/** Should a notification be lost, a feed is this much late and no more. */
const CHECK_MS = 5_000
const PAGE = 500

export interface Feed {
  /** @error revoked, bad-request */
  serve(request: Request): Promise<Response>
  close(): Promise<void>
}

/** A feed that is being served. */
interface Stream {
  readonly workstation: Workstation
  readonly ending: AbortController
  /** The newest event of the department that the stream has been woken for. */
  wokenFor: number
  /** Whether something may have happened since the stream last asked the database. */
  behind: boolean
  /** Ends the pause that the stream is in. */
  resume(): void
}

function wake(stream: Stream): void {
  stream.behind = true
  stream.resume()
}

/** @param checkMs how often one query asks for all streams of this process whether they missed anything */
export async function openFeed(
  relay: Pick<RelayContext, 'db' | 'notifications'>,
  checkMs: number = CHECK_MS,
): Promise<Feed> {
  const streams = new Set<Stream>()
  const unsubscribe = await relay.notifications.subscribe(FEED_CHANNEL, (departmentId) => {
    for (const stream of streams)
      if (departmentId === null || departmentId === stream.workstation.departmentId) wake(stream)
  })
  let checking = false
  const timer = setInterval(() => {
    if (checking || streams.size === 0) return
    checking = true
    // While the database does not answer there is nothing to miss: the next check comes soon.
    wakeLate(relay, streams)
      .catch(() => {})
      .finally(() => {
        checking = false
      })
  }, checkMs)
  timer.unref()

  /** Resolves when the stream is woken or ends, and when it is time to show that the line is open. */
  const pause = (stream: Stream): Promise<void> =>
    new Promise((done) => {
      const { signal } = stream.ending
      const finish = (): void => {
        clearTimeout(quiet)
        signal.removeEventListener('abort', finish)
        done()
      }
      const quiet = setTimeout(finish, KEEP_ALIVE_MS)
      stream.resume = finish
      signal.addEventListener('abort', finish)
    })

  async function* lines(stream: Stream, after: number): AsyncGenerator<string> {
    let cursor = after
    let caughtUp = false
    yield ': begin\n\n'
    while (!stream.ending.signal.aborted) {
      stream.behind = false
      const events = await eventsAfter(relay, stream.workstation, cursor)
      if (events === 'revoked') return
      for (const event of events) {
        cursor = event.cursor
        yield `id: ${event.cursor}\ndata: ${JSON.stringify(event)}\n\n`
      }
      if (events.length === PAGE) continue
      // A comment, which clients pass over: what has happened before the request has been told.
      if (!caughtUp) yield ': caught up\n\n'
      caughtUp = true
      while (!stream.behind && !stream.ending.signal.aborted) {
        await pause(stream)
        if (!stream.behind) yield ': still here\n\n'
      }
    }
  }

  return {
    async serve(request) {
      const workstation = await authenticate(relay, request)
      const after = Number(new URL(request.url).searchParams.get('after') ?? request.headers.get('last-event-id') ?? 0)
      if (!Number.isSafeInteger(after) || after < 0) return Response.json({ code: 'bad-request' }, { status: 400 })
      const ending = new AbortController()
      const stream: Stream = { workstation, ending, wokenFor: 0, behind: false, resume() {} }
      streams.add(stream)
      request.signal.addEventListener('abort', () => ending.abort())
      const source = lines(stream, after)
      const encoder = new TextEncoder()
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const next = await source.next().catch(() => null)
          if (next === null || next.done === true) {
            streams.delete(stream)
            controller.close()
          } else {
            controller.enqueue(encoder.encode(next.value))
          }
        },
        cancel() {
          streams.delete(stream)
          ending.abort()
        },
      })
      return new Response(body, {
        headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
      })
    },
    close() {
      clearInterval(timer)
      unsubscribe()
      for (const { ending } of streams) ending.abort()
      return Promise.resolve()
    },
  }
}

type FeedDatabase = Pick<RelayContext, 'db'>

/** Wakes the streams whose workstation was revoked, or whose department has an event that they were not woken for. */
async function wakeLate({ db }: FeedDatabase, streams: ReadonlySet<Stream>): Promise<void> {
  const checked = [...streams]
  const rows = await db
    .selectFrom('workstation')
    .select((expression) => [
      'workstation_id',
      expression
        .selectFrom('feed_event')
        .select(({ fn }) => fn.max('cursor').as('newest'))
        .whereRef('feed_event.department_id', '=', 'workstation.department_id')
        .as('newest'),
    ])
    .where('workstation_id', 'in', [...new Set(checked.map(({ workstation }) => workstation.workstationId))])
    .where('revoked_at', 'is', null)
    .execute()
  const newest = new Map(rows.map((row) => [row.workstation_id, row.newest ?? 0]))
  for (const stream of checked) {
    const cursor = newest.get(stream.workstation.workstationId) ?? Number.POSITIVE_INFINITY
    if (cursor <= stream.wokenFor) continue
    stream.wokenFor = cursor
    wake(stream)
  }
}

/** One query for both questions: whether the workstation may still ask, and what happened since. */
async function eventsAfter(
  { db }: FeedDatabase,
  { workstationId }: Workstation,
  cursor: number,
): Promise<FeedEvent[] | 'revoked'> {
  const rows = await db
    .selectFrom('workstation')
    .leftJoin('feed_event as event', (join) =>
      join
        .onRef('event.department_id', '=', 'workstation.department_id')
        .on('event.cursor', '>', cursor)
        .on((expression) =>
          expression.or([
            expression('event.workstation_id', 'is', null),
            expression('event.workstation_id', '=', workstationId),
          ]),
        ),
    )
    .select(['event.cursor', 'event.at', 'event.type', 'event.share_id', 'event.recipient_id', 'event.reason'])
    .where('workstation.workstation_id', '=', workstationId)
    .where('workstation.revoked_at', 'is', null)
    .orderBy('event.cursor')
    .limit(PAGE)
    .execute()
  if (rows.length === 0) return 'revoked'
  return rows.flatMap((row) =>
    row.cursor === null || row.at === null
      ? []
      : {
          cursor: row.cursor,
          at: row.at.toISOString(),
          type: row.type as FeedEvent['type'],
          shareId: row.share_id,
          recipientId: row.recipient_id,
          reason: row.reason,
        },
  )
}
