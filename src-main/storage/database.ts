/** Opens a SQLite file and migrates it to the version of this program. */
import { rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { isDamaged } from './storage-failure.ts'

/** One numbered step of a schema. A released step is never edited; a change is a further step. */
export interface Migration {
  readonly name: string
  readonly sql: string
  /** The file is rewritten after the step, so that removed data remains in no free page. */
  readonly rewrite?: true
}

export interface DatabaseOptions {
  /** Steps in order; user_version counts how many were applied. */
  readonly migrations: readonly Migration[]
  /** full: an acknowledged commit survives a power cut. normal: only for data that can be built again. */
  readonly durability: 'full' | 'normal'
}

/** Size in bytes up to which a file is checked completely whenever it is opened. */
const CHECKED_BYTES = 64 * 2 ** 20

/**
 * Checks a database before anything is written to it, so that a damaged file is not changed.
 * @throws SqliteError SQLITE_NOTADB or SQLITE_CORRUPT
 */
export function checkDatabase(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return
  const database = new Database(path, { readonly: true })
  try {
    const result = database.pragma('quick_check(1)', { simple: true }) as string
    if (result !== 'ok') throw new Database.SqliteError('quick_check', 'SQLITE_CORRUPT')
  } catch (error) {
    // The file holds a value that an index or a generated column cannot process.
    const wrongValue = (error as { code?: unknown }).code === 'SQLITE_ERROR'
    throw wrongValue ? new Database.SqliteError('quick_check', 'SQLITE_CORRUPT') : error
  } finally {
    database.close()
  }
}

/**
 * Opens a database whose rows can be restored from elsewhere. A damaged one is deleted and created again, empty.
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

/** Deletes a database and the files that SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
}

/**
 * Opens or creates a database in write-ahead mode and migrates it in one transaction.
 * @error data-from-newer-version
 */
export function openDatabase(path: string, options: DatabaseOptions): Database.Database {
  const database = new Database(path)
  try {
    database.pragma('journal_mode = WAL')
    database.pragma(`synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`)
    // On macOS a plain fsync may leave the data in the drive's cache.
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
 * Applies the missing migrations.
 * @returns the migrations that were applied
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
