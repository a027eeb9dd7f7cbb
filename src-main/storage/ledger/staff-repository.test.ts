import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../database.ts'
import { AuditLog } from './audit-log.ts'
import { LEDGER_MIGRATIONS, openLedgerDatabase } from './ledger-database.ts'
import { StaffRepository } from './staff-repository.ts'

describe('W9: the ledger of an earlier version', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'outpost-staff-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('W8, W9: keeps its staff, in their order, and nothing of their password hashes in any byte of its files', () => {
    const index = LEDGER_MIGRATIONS.findIndex(({ name }) => name === 'no-verifiers')
    const before = openDatabase(join(folder, 'ledger.db'), {
      migrations: LEDGER_MIGRATIONS.slice(0, index),
      durability: 'full',
    })
    const insert = before.prepare('INSERT INTO staff VALUES (?, ?, ?, ?, ?, ?)')
    for (let number = 200; number-- > 0; )
      insert.run(`id-${number}`, `Sample ${number}`, 'technologist', `$argon2id$planted-${number}`, 'fr', number)
    before.close()

    const database = openLedgerDatabase(folder)
    const staff = new StaffRepository(database, new AuditLog(database)).staff()
    database.close()
    expect(staff).toEqual(
      Array.from({ length: 200 }, (_, number) => ({
        staffId: `id-${number}`,
        name: `Sample ${number}`,
        role: 'technologist',
        language: 'fr',
      })),
    )
    expect(readFileSync(join(folder, 'ledger.db'), 'latin1')).not.toContain('planted')
  })
})
