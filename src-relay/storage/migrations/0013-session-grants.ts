/** A browser's session holds many grants, and the times of each grant are stored separately. */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE portal_session DROP CONSTRAINT portal_session_pkey, ADD PRIMARY KEY (session_sha256, grant_id);
  `.execute(db)
}
