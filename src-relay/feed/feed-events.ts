/** Writes what happened to the feed (S9) and to the audit log (W7), in the transaction in which it happened. */
import { sql } from 'kysely'
import type { RelayActor } from '../../src-core/audit/relay-entry.ts'
import type { FeedEvent } from '../../src-core/contract/relay.ts'
import { record } from '../audit/relay-log.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import { notifyFeeds } from './feed-news.ts'

export interface NewEvent {
  readonly type: FeedEvent['type']
  readonly departmentId: string
  readonly at: Date
  /** Absent: for every workstation of the department. */
  readonly workstationId?: string
  readonly shareId?: string
  readonly recipientId?: string
  readonly reason?: string
  /** Who did it, for the audit log; absent: the relay by itself. */
  readonly by?: RelayActor
}

const RELAY_ITSELF: RelayActor = { kind: 'program', id: 'relay' }

/** The first of two keys of an advisory lock; the second one is the hash of the department. */
export const FEED_LOCK = 7_203_004

/** Has the feeds of a department ask the database when the transaction commits, and no others. */
export async function wakeFeeds(transaction: DatabaseTransaction, departmentId: string): Promise<void> {
  await notifyFeeds(transaction, { departmentId })
}

/**
 * Appends an event. The department's lock is held until the transaction ends, so that events of one department become
 * visible in the order of their cursors: without it a reader could pass a cursor whose transaction commits later, and
 * never see it. Call it last in a transaction.
 */
export async function appendEvent(transaction: DatabaseTransaction, event: NewEvent): Promise<void> {
  const { type, by = RELAY_ITSELF, reason, ...concerned } = event
  const { departmentId, workstationId = null, shareId = null, recipientId = null, at } = event
  // A statement of its own: the next one sees every event that was committed before the lock was free.
  await sql`SELECT pg_advisory_xact_lock(${FEED_LOCK}, hashtext(${departmentId}))`.execute(transaction)
  const { cursor, previous } = await transaction
    .insertInto('feed_event')
    .values({
      at,
      type,
      department_id: departmentId,
      workstation_id: workstationId,
      share_id: shareId,
      recipient_id: recipientId,
      reason: reason ?? null,
    })
    // A subquery of the statement that inserts a row does not see that row.
    .returning((expression) => [
      'cursor',
      expression
        .selectFrom('feed_event as earlier')
        .select(({ fn }) => fn.max('earlier.cursor').as('previous'))
        .where('earlier.department_id', '=', departmentId)
        .as('previous'),
    ])
    .executeTakeFirstOrThrow()
  await notifyFeeds(transaction, {
    departmentId,
    news: {
      workstationId,
      previous: previous ?? 0,
      event: { cursor, at: at.toISOString(), type, shareId, recipientId, reason: reason ?? null },
    },
  })
  await record(transaction, { ...concerned, action: type, actor: by, detail: reason === undefined ? {} : { reason } })
}
