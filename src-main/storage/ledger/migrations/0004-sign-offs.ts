import type { Migration } from '../../database.ts'

/**
 * Who reviewed which state of which file, and which regions are blacked out before it leaves de-identified (D5). Rows
 * are never changed; a later review replaces an earlier one.
 */
export const signOffsMigration: Migration = {
  name: 'sign-offs',
  sql: `
    CREATE TABLE sign_off (
      signOffId INTEGER PRIMARY KEY AUTOINCREMENT,
      at TEXT NOT NULL, staffId TEXT NOT NULL, staffName TEXT NOT NULL,
      StudyInstanceUID TEXT NOT NULL, SeriesInstanceUID TEXT NOT NULL,
      -- In pixels; empty: there was nothing to black out.
      regions TEXT NOT NULL CHECK (json_valid(regions) AND json_type(regions) = 'array')
    ) STRICT;
    CREATE INDEX sign_off_by_series ON sign_off (SeriesInstanceUID, signOffId);

    CREATE TABLE signed_instance (
      SOPInstanceUID TEXT NOT NULL, size INTEGER NOT NULL, mtimeMs INTEGER NOT NULL,
      signOffId INTEGER NOT NULL REFERENCES sign_off,
      PRIMARY KEY (SOPInstanceUID, size, mtimeMs, signOffId)
    ) STRICT, WITHOUT ROWID;
  `,
}
