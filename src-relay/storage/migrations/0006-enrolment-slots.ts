/**
 * What an enrolment code is for, so that a new one replaces it. Codes of before are of the seed file, or of a
 * demonstration: they end by their age.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE enrolment_code ADD COLUMN slot text`.execute(db)
}
