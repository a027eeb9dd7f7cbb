import Database from 'better-sqlite3'
import { beforeEach, expect, it } from 'vitest'
import type { AuditEntry } from '../../../src-core/audit/audit-entry.ts'
import { migrate } from '../database.ts'
import { AuditLog } from './audit-log.ts'
import { LEDGER_MIGRATIONS } from './ledger-database.ts'
import { SignOffs, type NewSignOff } from './sign-offs.ts'

const state = (SOPInstanceUID: string, size = 1000, mtimeMs = 5) => ({ SOPInstanceUID, size, mtimeMs })
const region = { x: 0, y: 0, width: 10, height: 4 }
const entry: AuditEntry = {
  at: '2026-11-21T10:00:00.000Z',
  actor: { kind: 'staff', id: 's1', name: 'Sample' },
  organisationId: 'o',
  departmentId: 'd',
  workstationId: 'w',
  action: 'sign-off',
  subject: '1.2',
  detail: {},
}
const signOff = (more: Partial<NewSignOff> = {}): NewSignOff => ({
  at: '2026-11-21T10:00:00.000Z',
  staffId: 's1',
  staffName: 'Sample',
  StudyInstanceUID: '1',
  SeriesInstanceUID: '1.2',
  regions: [region],
  instances: [state('1.2.1'), state('1.2.2')],
  ...more,
})

let database: Database.Database
let audit: AuditLog
let signOffs: SignOffs
beforeEach(() => {
  database = new Database(':memory:')
  migrate(database, LEDGER_MIGRATIONS)
  audit = new AuditLog(database)
  signOffs = new SignOffs(database, audit)
})

it('D5: a sign-off holds for the state of the file that was seen, and for no other', () => {
  signOffs.save(signOff(), entry)
  const found = signOffs.of([state('1.2.1', 1000, 5.7), state('1.2.1', 1001), state('1.2.1', 1000, 6), state('1.2.3')])
  expect(found).toEqual([
    { at: '2026-11-21T10:00:00.000Z', staffId: 's1', staffName: 'Sample', regions: [region] },
    null,
    null,
    null,
  ])
})

it('D5: a later look counts instead of an earlier one, also when less is black then', () => {
  signOffs.save(signOff(), entry)
  signOffs.save(signOff({ staffName: 'Other', regions: [], instances: [state('1.2.2')] }), entry)
  expect(
    signOffs.of([state('1.2.1'), state('1.2.2')]).map((found) => [found?.staffName, found?.regions.length]),
  ).toEqual([
    ['Sample', 1],
    ['Other', 0],
  ])
  expect(signOffs.regionsOfSeries('1.2')).toEqual([])
  expect(signOffs.regionsOfSeries('1.3')).toBeNull()
})

it('W7: who signed off is in the log with it, or neither is there', () => {
  database.exec(`CREATE TRIGGER broken BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'disk'); END`)
  expect(() => signOffs.save(signOff(), entry)).toThrow('disk')
  expect(signOffs.of([state('1.2.1')])).toEqual([null])
  database.exec('DROP TRIGGER broken')
  signOffs.save(signOff(), entry)
  expect(audit.list(0, 5).rows.map((row) => row.entry.action)).toEqual(['sign-off'])
})
