/** ledger.db: shares, consent, audit, outbox, staff and settings. It is backed up and cannot be built again. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { checkDatabase, openDatabase, type Migration } from '../database.ts'
import { storageFailure } from '../storage-failure.ts'
import { auditMigration } from './migrations/0001-audit.ts'
import { sharesMigration } from './migrations/0002-shares.ts'
import { staffMigration } from './migrations/0003-staff.ts'
import { signOffsMigration } from './migrations/0004-sign-offs.ts'
import { confirmRequestsMigration } from './migrations/0005-confirm-requests.ts'
import { signInTriesMigration } from './migrations/0006-sign-in-tries.ts'
import { noVerifiersMigration } from './migrations/0007-no-verifiers.ts'
import { auditWitnessMigration } from './migrations/0008-audit-witness.ts'
import { sourceHashesMigration } from './migrations/0009-source-hashes.ts'

export const LEDGER_MIGRATIONS: readonly Migration[] = [
  auditMigration,
  sharesMigration,
  staffMigration,
  signOffsMigration,
  confirmRequestsMigration,
  signInTriesMigration,
  noVerifiersMigration,
  auditWitnessMigration,
  sourceHashesMigration,
]

/**
 * Opens the ledger. A damaged one is not changed, so that it can be restored.
 * @error ledger-damaged, data-from-newer-version, disk-full
 */
export function openLedgerDatabase(dataFolder: string): Database.Database {
  const path = join(dataFolder, 'ledger.db')
  try {
    if (wasEmptied(dataFolder)) throw new OutpostError('ledger-damaged')
    checkDatabase(path)
    return openDatabase(path, { migrations: LEDGER_MIGRATIONS, durability: 'full' })
  } catch (error) {
    throw storageFailure(error, 'ledger-damaged')
  }
}

/** Opens a second, read-only connection to a ledger that is open. */
export function openLedgerToRead(dataFolder: string): Database.Database {
  return new Database(join(dataFolder, 'ledger.db'), { readonly: true, fileMustExist: true })
}

/**
 * SQLite would take an empty file for a new database. A real ledger is never empty here: its tables are written before
 * the directory is created, and before its write-ahead log has content.
 */
function wasEmptied(dataFolder: string): boolean {
  const size = (name: string): number => statSync(join(dataFolder, name), { throwIfNoEntry: false })?.size ?? -1
  return size('ledger.db') === 0 && (size('directory.db') > 0 || size('ledger.db-wal') > 0)
}
