import type { Migration } from '../../database.ts'

/**
 * How many wrong passwords in a row were typed for a staff member, for any unknown name, or for the secrets. The count
 * survives a restart. Typed names are not stored, because one may be a password in the wrong field.
 */
export const signInTriesMigration: Migration = {
  name: 'sign-in-tries',
  sql: `CREATE TABLE sign_in_try (subject TEXT PRIMARY KEY, refused INTEGER NOT NULL CHECK (refused >= 0))
    STRICT, WITHOUT ROWID;`,
}
