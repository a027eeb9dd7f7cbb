/** Allows one writer per data folder (W14). */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { OutpostError } from '../../src-core/contract/errors.ts'

export interface DataFolderLock {
  release(): void
}

/**
 * Locks the folder for this process. SQLite's exclusive lock belongs to the operating system and ends with the process
 * in every case, so no stale lock file can prevent a later start.
 * @error data-folder-in-use
 */
export function lockDataFolder(dataFolder: string): DataFolderLock {
  const database = new Database(join(dataFolder, 'writer.lock'), { timeout: 0 })
  try {
    database.pragma('journal_mode = DELETE')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    const code = (error as { code?: string }).code ?? ''
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
      throw new OutpostError('data-folder-in-use', {}, { cause: error })
    throw error
  }
  return {
    release: () => {
      database.exec('ROLLBACK')
      database.close()
    },
  }
}
