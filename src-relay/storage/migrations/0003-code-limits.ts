/**
 * Counts the one-time passwords that were sent for a grant within an hour, so that the holder of a link can request
 * only a limited number of text messages.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE share_grant ADD COLUMN codes_sent integer NOT NULL DEFAULT 0;
    ALTER TABLE share_grant ADD COLUMN codes_since timestamptz;
  `.execute(db)
}
