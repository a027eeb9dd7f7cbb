/**
 * How many one-time passwords were sent to a grant within the hour: who holds a link cannot have text messages sent
 * without end.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE share_grant ADD COLUMN codes_sent integer NOT NULL DEFAULT 0;
    ALTER TABLE share_grant ADD COLUMN codes_since timestamptz;
  `.execute(db)
}
