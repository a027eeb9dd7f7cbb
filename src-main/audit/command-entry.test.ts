import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuditLog } from '../storage/ledger/audit-log.ts'
import { openLedgerDatabase } from '../storage/ledger/ledger-database.ts'
import { withCommandLog } from './command-entry.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outpost-command-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const act = { action: 'deidentify', subject: '/out', detail: { files: 3 } } as const

describe('W7: acts of the command line', () => {
  it('W7: de-identifying files is logged with the system user, also while the workstation writes', async () => {
    const database = openLedgerDatabase(folder)
    const audit = new AuditLog(database)
    for (let round = 0; round < 3; round += 1) {
      await withCommandLog(folder, async (record) => record(act))
      audit.append({
        at: '2026-11-21T10:00:00Z',
        actor: { kind: 'program', id: 'outpost', name: 'Outpost' },
        organisationId: '',
        departmentId: '',
        workstationId: '',
        action: 'sign-out',
        subject: 's',
        detail: {},
      })
    }
    expect(audit.verify()).toMatchObject({ entries: 6, ok: true })
    expect(audit.headStatement(2)).toMatchObject({ entries: 6, head: audit.verify().head })
    const [first] = audit.about('/out')
    expect(first?.entry).toMatchObject({ ...act, actor: { id: 'command-line', name: userInfo().username } })
    database.close()
  })

  it('W7: a folder without a ledger gets none', async () => {
    await withCommandLog(folder, async (record) => record(act))
    expect(existsSync(join(folder, 'ledger.db'))).toBe(false)
  })
})
