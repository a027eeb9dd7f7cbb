/**
 * Names what an enrolment code is for, so that a new code replaces the earlier one. Earlier codes have no slot, and
 * expire.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE enrolment_code ADD COLUMN slot text`.execute(db)
}
