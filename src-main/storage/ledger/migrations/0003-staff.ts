import type { Migration } from '../../database.ts'

/**
 * The enrolment, the staff of the department, and the preferences of each. The enrolment's token is a secret and is not
 * stored here.
 */
export const staffMigration: Migration = {
  name: 'staff',
  sql: `
    CREATE TABLE enrolment (only INTEGER PRIMARY KEY CHECK (only = 1), relayUrl TEXT NOT NULL,
      enrolment TEXT NOT NULL CHECK (json_valid(enrolment)), at TEXT NOT NULL) STRICT;

    CREATE TABLE staff (
      staffId TEXT PRIMARY KEY, name TEXT NOT NULL,
      role TEXT NOT NULL CHECK (role IN ('front-desk', 'technologist', 'physician', 'administrator')),
      passwordHash TEXT NOT NULL, language TEXT,
      ordinal INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE preference (staffId TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL CHECK (json_valid(value)),
      PRIMARY KEY (staffId, name)) STRICT, WITHOUT ROWID;

    CREATE TABLE favourite (staffId TEXT NOT NULL, recipientId TEXT NOT NULL, since TEXT NOT NULL,
      PRIMARY KEY (staffId, recipientId)) STRICT, WITHOUT ROWID;
  `,
}
