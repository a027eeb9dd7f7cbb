/**
 * Heads of workstations' audit logs, and the relay's own audit log. Triggers refuse to change or delete rows, even for
 * the owner of the tables.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE audit_head (
      head_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      workstation_id uuid NOT NULL REFERENCES workstation,
      at timestamptz NOT NULL,
      entries bigint NOT NULL CHECK (entries >= 0),
      head bytea NOT NULL CHECK (length(head) = 32),
      kind text NOT NULL CHECK (kind IN ('continued', 'alarm', 'restored'))
    );
    CREATE INDEX audit_head_by_workstation ON audit_head (workstation_id, head_id DESC);
    CREATE TABLE audit_entry (
      entry_index bigint PRIMARY KEY,
      entry text NOT NULL,
      leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32)
    );
    CREATE TABLE audit_tree (
      single_row int PRIMARY KEY CHECK (single_row = 1),
      entries bigint NOT NULL,
      subtrees bytea NOT NULL,
      head bytea NOT NULL CHECK (length(head) = 32)
    );
  `.execute(db)
  await sql`
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
    CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN
        IF NEW.entries < OLD.entries THEN RAISE EXCEPTION 'the audit log is append-only'; END IF;
        RETURN NEW;
      END $$;
    CREATE FUNCTION is_next() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN
        IF NEW.entry_index <> (SELECT coalesce(max(entry_index) + 1, 0) FROM audit_entry)
          THEN RAISE EXCEPTION 'the audit log is append-only'; END IF;
        RETURN NEW;
      END $$;
    CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE OR TRUNCATE
      ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE OR TRUNCATE
      ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER is_next BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION is_next();
    CREATE TRIGGER never_goes BEFORE DELETE OR TRUNCATE
      ON audit_tree FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER only_grows BEFORE UPDATE ON audit_tree FOR EACH ROW EXECUTE FUNCTION only_grows();
  `.execute(db)
}
