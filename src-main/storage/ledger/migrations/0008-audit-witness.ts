import type { Migration } from '../../database.ts'

/** The relay's last answer about the heads that it keeps of this log, for use without a connection. */
export const auditWitnessMigration: Migration = {
  name: 'audit-witness',
  sql: `CREATE TABLE audit_witness (only INTEGER PRIMARY KEY CHECK (only = 1),
    answer TEXT NOT NULL CHECK (json_valid(answer))) STRICT;`,
}
