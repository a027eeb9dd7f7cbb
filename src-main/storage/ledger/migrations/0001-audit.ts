import type { Migration } from '../../database.ts'

/**
 * The audit log. Only the text of an entry is stored; its columns are computed from the text, so that none can be
 * changed without changing the hash.
 */
export const auditMigration: Migration = {
  name: 'audit',
  sql: `
    CREATE TABLE audit_entry (
      entryIndex INTEGER PRIMARY KEY,
      entry TEXT NOT NULL CHECK (json_valid(entry)),
      leafHash BLOB NOT NULL CHECK (length(leafHash) = 32),
      at TEXT NOT NULL GENERATED ALWAYS AS (json_extract(entry, '$.at')) VIRTUAL,
      action TEXT NOT NULL GENERATED ALWAYS AS (json_extract(entry, '$.action')) VIRTUAL,
      subject TEXT NOT NULL GENERATED ALWAYS AS (json_extract(entry, '$.subject')) VIRTUAL
    ) STRICT;
    CREATE INDEX audit_entry_by_subject ON audit_entry (subject, entryIndex);
    CREATE TRIGGER audit_entry_never_changes BEFORE UPDATE ON audit_entry
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    CREATE TRIGGER audit_entry_never_goes BEFORE DELETE ON audit_entry
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    CREATE TRIGGER audit_entry_is_next BEFORE INSERT ON audit_entry
      WHEN NEW.entryIndex IS NOT (SELECT coalesce(max(entryIndex) + 1, 0) FROM audit_entry)
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

    -- The tree over all entries: how many, the complete subtrees from large to small, and the head (RFC 9162 2.1).
    CREATE TABLE audit_tree (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      entries INTEGER NOT NULL,
      subtrees BLOB NOT NULL,
      head BLOB NOT NULL CHECK (length(head) = 32)
    ) STRICT;
    CREATE TRIGGER audit_tree_only_grows BEFORE UPDATE ON audit_tree WHEN NEW.entries < OLD.entries
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    CREATE TRIGGER audit_tree_never_goes BEFORE DELETE ON audit_tree
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  `,
}
