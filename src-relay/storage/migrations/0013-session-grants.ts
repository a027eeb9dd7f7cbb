/** A browser's session holds many grants, each with times of its own. */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE portal_session DROP CONSTRAINT portal_session_pkey, ADD PRIMARY KEY (session_sha256, grant_id);
  `.execute(db)
}
