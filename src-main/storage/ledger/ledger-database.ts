/** ledger.db: shares, consent, audit, outbox, staff, settings. Backed up, never rebuilt. */
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { openDatabase, type Migration } from '../database.ts'
import { auditMigration } from './migrations/0001-audit.ts'
import { sharesMigration } from './migrations/0002-shares.ts'
import { staffMigration } from './migrations/0003-staff.ts'
import { signOffsMigration } from './migrations/0004-sign-offs.ts'
import { confirmRequestsMigration } from './migrations/0005-confirm-requests.ts'
import { signInTriesMigration } from './migrations/0006-sign-in-tries.ts'
import { noVerifiersMigration } from './migrations/0007-no-verifiers.ts'
import { auditWitnessMigration } from './migrations/0008-audit-witness.ts'

export const LEDGER_MIGRATIONS: readonly Migration[] = [
  auditMigration,
  sharesMigration,
  staffMigration,
  signOffsMigration,
  confirmRequestsMigration,
  signInTriesMigration,
  noVerifiersMigration,
  auditWitnessMigration,
]

/** @error data-from-newer-version */
export function openLedgerDatabase(dataFolder: string): Database.Database {
  return openDatabase(join(dataFolder, 'ledger.db'), { migrations: LEDGER_MIGRATIONS, durability: 'full' })
}
