/** Sends a notification of PostgreSQL to every process of the relay that listens. */
import { sql } from 'kysely'
import type { DatabaseTransaction } from '../ports/database.ts'

/** PostgreSQL sends fewer bytes than this in one notification. */
export const PAYLOAD_LIMIT = 8000

/**
 * The listeners hear of it once the transaction has committed, in the order in which transactions commit.
 * @param payload less than PAYLOAD_LIMIT bytes of UTF-8
 */
export async function notify(transaction: DatabaseTransaction, channel: string, payload = ''): Promise<void> {
  await sql`SELECT pg_notify(${channel}, ${payload})`.execute(transaction)
}
