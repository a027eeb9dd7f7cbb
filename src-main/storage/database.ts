/** Opens one SQLite file and brings it to the version that this program knows. */
import { rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { isDamaged } from './storage-failure.ts'

/** One numbered step of a schema. Once released it is never edited; a change is a further step. */
export interface Migration {
  readonly name: string
  readonly sql: string
  /** The whole file is written anew afterwards: what the step removed stays in no free piece of a page. */
  readonly rewrite?: true
}

export interface DatabaseOptions {
  /** In order; user_version counts how many have been applied. */
  readonly migrations: readonly Migration[]
  /** full: what a commit acknowledged survives a power cut. normal: only for what can be built again. */
  readonly durability: 'full' | 'normal'
}

/** Bytes of a file that is read through whenever it is opened. */
const CHECKED_BYTES = 64 * 2 ** 20

/**
 * Reads a database through before anything is written to it, so that a damaged one stays as it was found.
 * @throws SqliteError SQLITE_NOTADB or SQLITE_CORRUPT
 */
export function checkDatabase(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return
  const database = new Database(path, { readonly: true })
  try {
    const found = database.pragma('quick_check(1)', { simple: true }) as string
    if (found !== 'ok') throw new Database.SqliteError('quick_check', 'SQLITE_CORRUPT')
  } catch (error) {
    // A value that an index or a computed column cannot take.
    const wrongValue = (error as { code?: unknown }).code === 'SQLITE_ERROR'
    throw wrongValue ? new Database.SqliteError('quick_check', 'SQLITE_CORRUPT') : error
  } finally {
    database.close()
  }
}

/**
 * Opens a database whose rows can be had again from elsewhere: a damaged one is thrown away, and starts empty.
 * @error data-from-newer-version
 */
export function openRebuildable(path: string, migrations: readonly Migration[]): Database.Database {
  const options: DatabaseOptions = { migrations, durability: 'normal' }
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= CHECKED_BYTES) checkDatabase(path)
    return openDatabase(path, options)
  } catch (error) {
    if (!isDamaged(error)) throw error
    removeDatabase(path)
    return openDatabase(path, options)
  }
}

/** With the files that SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
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
    if (migrate(database, options.migrations).some(({ rewrite }) => rewrite)) database.exec('VACUUM')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Applies the migrations that are missing.
 * @returns those that were applied
 * @error data-from-newer-version
 */
export function migrate(database: Database.Database, migrations: readonly Migration[]): readonly Migration[] {
  const version = database.pragma('user_version', { simple: true }) as number
  if (version > migrations.length)
    throw new OutpostError('data-from-newer-version', { found: version, known: migrations.length })
  const missing = migrations.slice(version)
  if (missing.length === 0) return missing
  database
    .transaction(() => {
      for (const migration of missing) database.exec(migration.sql)
      database.pragma(`user_version = ${migrations.length}`)
    })
    .immediate()
  return missing
}
