import type { Migration } from '../../database.ts'

/**
 * The hash of everything that a package was made from: made again, it must come from the same bytes. NULL in packages
 * of an earlier version.
 */
export const sourceHashesMigration: Migration = {
  name: 'source-hashes',
  sql: 'ALTER TABLE package ADD COLUMN sourceSha256 TEXT;',
}
