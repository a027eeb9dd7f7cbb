import type { Migration } from '../../database.ts'

/**
 * The hash of all files of a package. When the package is made again, the files must have the same hash. NULL in
 * packages of an earlier version.
 */
export const sourceHashesMigration: Migration = {
  name: 'source-hashes',
  sql: 'ALTER TABLE package ADD COLUMN sourceSha256 TEXT;',
}
