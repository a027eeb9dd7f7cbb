/**
 * Entries of the relay's audit log wait in audit_pending until they are moved into the log. The database itself refuses
 * to change a waiting entry, to delete one that is not in the log, and to move one twice.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE audit_pending (
      pending_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      entry text NOT NULL
    );
    ALTER TABLE audit_entry ADD COLUMN pending_id bigint UNIQUE;
    CREATE FUNCTION is_in_log() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN
        IF NOT EXISTS (SELECT FROM audit_entry WHERE pending_id = OLD.pending_id AND entry = OLD.entry)
          THEN RAISE EXCEPTION 'the audit log is append-only'; END IF;
        RETURN OLD;
      END $$;
    CREATE TRIGGER never_changes BEFORE UPDATE OR TRUNCATE
      ON audit_pending FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER is_in_log BEFORE DELETE ON audit_pending FOR EACH ROW EXECUTE FUNCTION is_in_log();
  `.execute(db)
}
