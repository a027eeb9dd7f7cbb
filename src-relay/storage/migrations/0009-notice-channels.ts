/**
 * A notice names its kind and the channel that it leaves by. The program's registry says which kinds and channels
 * there are, so that a new one needs no migration.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
    ALTER TABLE notice ADD COLUMN channel text;
    UPDATE notice SET channel = kind, kind = CASE kind WHEN 'mail' THEN 'mail-of-share' ELSE 'one-time-password' END;
    ALTER TABLE notice ALTER COLUMN channel SET NOT NULL;
    ALTER TABLE embedded_message DROP CONSTRAINT embedded_message_channel_check;
  `.execute(db)
}
