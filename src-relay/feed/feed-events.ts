/** Writes what happened to the feed (S9) and to the audit log (W7), in the transaction in which it happened. */
import { sql } from 'kysely'
import type { RelayActor } from '../../src-core/audit/relay-entry.ts'
import type { FeedEvent } from '../../src-core/contract/relay.ts'
import { lockRecords, record } from '../audit/relay-log.ts'
import type { DatabaseTransaction } from '../ports/database.ts'

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

/** What listeners of PostgreSQL are woken by when events were committed. The payload is the department's id. */
export const FEED_CHANNEL = 'outpost_feed'

/** Wakes the feeds of a department when the transaction commits, and no others. */
export async function wakeFeeds(transaction: DatabaseTransaction, departmentId: string): Promise<void> {
  await sql`SELECT pg_notify(${FEED_CHANNEL}, ${departmentId})`.execute(transaction)
}

/**
 * Appends an event. The lock is held until the transaction ends, so that events become visible in the order of their
 * cursors:
 * without it a reader could pass a cursor whose transaction commits later, and never see it. Call it last in a
 * transaction.
 */
export async function appendEvent(transaction: DatabaseTransaction, event: NewEvent): Promise<void> {
  await lockRecords(transaction)
  await transaction
    .insertInto('feed_event')
    .values({
      at: event.at,
      type: event.type,
      department_id: event.departmentId,
      workstation_id: event.workstationId ?? null,
      share_id: event.shareId ?? null,
      recipient_id: event.recipientId ?? null,
      reason: event.reason ?? null,
    })
    .execute()
  await wakeFeeds(transaction, event.departmentId)
  const { type, by = RELAY_ITSELF, reason, ...concerned } = event
  await record(transaction, { ...concerned, action: type, actor: by, detail: reason === undefined ? {} : { reason } })
}
