/** Opens one SQLite file and brings it to the version that this program knows. */
import Database from 'better-sqlite3'
import { OutpostError } from '../../src-core/contract/errors.ts'

/** One numbered step of a schema. Once released it is never edited; a change is a further step. */
export interface Migration {
  readonly name: string
  readonly sql: string
}

export interface DatabaseOptions {
  /** In order; user_version counts how many have been applied. */
  readonly migrations: readonly Migration[]
  /** full: what a commit acknowledged survives a power cut. normal: only for what can be built again. */
  readonly durability: 'full' | 'normal'
}

/**
 * Opens (or makes) a database in write-ahead mode and migrates it in one transaction.
 * @error data-from-newer-version
 */
export function openDatabase(path: string, options: DatabaseOptions): Database.Database {
  const database = new Database(path)
  try {
    database.pragma('journal_mode = WAL')
    database.pragma(`synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`)
    // On macOS a plain fsync leaves the data in the drive's own cache.
    if (options.durability === 'full') database.pragma('fullfsync = ON')
    database.pragma('foreign_keys = ON')
    migrate(database, options.migrations)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Applies the migrations that are missing.
 * @error data-from-newer-version
 */
export function migrate(database: Database.Database, migrations: readonly Migration[]): void {
  const version = database.pragma('user_version', { simple: true }) as number
  if (version > migrations.length)
    throw new OutpostError('data-from-newer-version', { found: version, known: migrations.length })
  if (version === migrations.length) return
  database
    .transaction(() => {
      for (const migration of migrations.slice(version)) database.exec(migration.sql)
      database.pragma(`user_version = ${migrations.length}`)
    })
    .immediate()
}
