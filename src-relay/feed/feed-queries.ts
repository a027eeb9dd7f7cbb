/** What feeds ask the database. Both queries need no more than that a department's events appear in cursor order. */
import type { FeedEvent } from '../../src-core/contract/relay.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { Database } from '../ports/database.ts'

const PAGE = 500

export interface EventPage {
  readonly events: readonly FeedEvent[]
  /** The page holds every event that the workstation is told up to this cursor of the department. */
  readonly reached: number
  /** Whether there may be more after it. */
  readonly full: boolean
}

/**
 * One query for both questions: whether the workstation may still ask, and what happened since.
 * @param after a cursor; later events are told
 */
export async function eventsAfter(
  db: Database,
  { workstationId }: Workstation,
  after: number,
): Promise<EventPage | 'revoked'> {
  const rows = await db
    .selectFrom('workstation')
    .leftJoin('feed_event as event', (join) =>
      join
        .onRef('event.department_id', '=', 'workstation.department_id')
        .on('event.cursor', '>', after)
        .on((expression) =>
          expression.or([
            expression('event.workstation_id', 'is', null),
            expression('event.workstation_id', '=', workstationId),
          ]),
        ),
    )
    .select(['event.cursor', 'event.at', 'event.type', 'event.share_id', 'event.recipient_id', 'event.reason'])
    .select((expression) =>
      expression
        .selectFrom('feed_event as any_event')
        .select(({ fn }) => fn.max('any_event.cursor').as('newest'))
        .whereRef('any_event.department_id', '=', 'workstation.department_id')
        .as('newest'),
    )
    .where('workstation.workstation_id', '=', workstationId)
    .where('workstation.revoked_at', 'is', null)
    .orderBy('event.cursor')
    .limit(PAGE)
    .execute()
  if (rows.length === 0) return 'revoked'
  const events = rows.flatMap((row) =>
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
  const full = events.length === PAGE
  const last = full ? events.at(-1)?.cursor : rows[0]?.newest
  return { events, reached: Math.max(after, last ?? 0), full }
}

/**
 * The newest cursor of the department of each workstation, in one query for all.
 * @returns without the workstations that were revoked
 */
export async function newestCursors(db: Database, workstationIds: readonly string[]): Promise<Map<string, number>> {
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
    .where('workstation_id', 'in', workstationIds)
    .where('revoked_at', 'is', null)
    .execute()
  return new Map(rows.map((row) => [row.workstation_id, row.newest ?? 0]))
}
