import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { migrate } from '../database.ts'
import { AuditLog } from './audit-log.ts'
import { LEDGER_MIGRATIONS } from './ledger-database.ts'
import { ShareLedger } from './share-ledger.ts'
import { ShareViews } from './share-views.ts'
import { SignOffs } from './sign-offs.ts'
import { StaffRepository } from './staff-repository.ts'

const AT = '2026-11-21T10:00:00.000Z'
/** Terms as the first version stored them: without the fields of later versions, and with a reason of any length. */
const TERMS = {
  right: 'images-read-report',
  reason: 'Second opinion. '.repeat(100),
  validity: { kind: 'unlimited' },
  patientAgreed: true,
  urgent: false,
  anonymize: true,
  twoFactor: true,
  sendMail: true,
  furtherSharing: false,
  message: '',
  mailLanguage: null,
}
/** A contact with more than one address, and a name of unlimited length. */
const RECIPIENT = {
  recipientId: 'r1',
  kind: 'user',
  familyName: 'S'.repeat(500),
  email: 'a@b.org, c@d.org',
  mobile: '1',
}
const INSTANCE = {
  StudyInstanceUID: '1.2.3',
  SeriesInstanceUID: '1.2.3.1',
  SOPInstanceUID: '1.2.3.1.1',
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  path: '/sample/1.dcm',
  size: 10,
  mtimeMs: 1,
  PatientName: 'SAMPLE^Patient',
  PatientID: 'SAMPLE-1',
  kind: 'image',
}
const ENROLMENT = {
  organisation: { organisationId: 'o', name: 'Sample Hospital' },
  department: { departmentId: 'd', name: 'Radiology' },
  workstation: { workstationId: 'w', name: 'CT 1' },
  relayRecipient: 'age1relay',
  organisationRecipient: 'age1organisation',
  policy: {
    validity: { default: { kind: 'unlimited' }, maximum: null, unlimitedOffered: true },
    twoFactor: 'optional',
    sendMail: 'offered',
    rights: ['images-read-report', 'images-print'],
    anonymize: 'offered',
    reasons: [],
    defaultLanguage: 'fr',
    timeZone: 'UTC',
    contact: '',
  },
  demonstration: false,
}
const ENTRY = {
  at: AT,
  actor: { kind: 'staff', id: 'p1', name: 'SAMPLE, Tess' },
  organisationId: 'o',
  departmentId: 'd',
  workstationId: 'w',
  action: 'an act of another version',
  subject: 's1',
  detail: {},
}

/** A ledger with one row of each kind as stored after that many migrations, migrated to this version. */
function ledgerOf(migrations: number): Database.Database {
  const database = new Database(':memory:')
  migrate(database, LEDGER_MIGRATIONS.slice(0, migrations))
  const add = (sql: string, ...values: unknown[]): void => void database.prepare(sql).run(...values)
  add('INSERT INTO audit_entry (entryIndex, entry, leafHash) VALUES (0, ?, zeroblob(32))', JSON.stringify(ENTRY))
  const share = [AT, 'p1', 'SAMPLE, Tess', 'o', 'd', 'w', JSON.stringify(TERMS), 'en', 'SAMPLE^Patient', 'SAMPLE-1']
  add(`INSERT INTO share VALUES ('s1', ${share.map(() => '?').join(', ')}, 1, 10, NULL, NULL, NULL, NULL)`, ...share)
  add("INSERT INTO share_selection VALUES ('s1', ?)", JSON.stringify([INSTANCE]))
  add(
    "INSERT INTO share_grant (shareId, recipientId, ordinal, entry, star) VALUES ('s1', 'r1', 0, ?, 0)",
    JSON.stringify(RECIPIENT),
  )
  add("INSERT INTO outbox VALUES ('s1', 'queued', 'prepare', NULL, NULL, NULL, 0, ?, 0, 1, NULL)", AT)
  if (migrations >= 3) {
    add('INSERT INTO enrolment VALUES (1, ?, ?, ?)', 'https://relay.example.org', JSON.stringify(ENROLMENT), AT)
    add("INSERT INTO preference VALUES ('p1', 'colorScheme', ?)", JSON.stringify('sepia'))
    add("INSERT INTO preference VALUES ('p1', 'glovesMode', ?)", JSON.stringify(true))
    add("INSERT INTO preference VALUES ('p1', 'share.twoFactor', ?)", JSON.stringify('no'))
  }
  if (migrations >= 4)
    add(
      `INSERT INTO sign_off (at, staffId, staffName, StudyInstanceUID, SeriesInstanceUID, regions)
      VALUES (?, 'p1', 'SAMPLE, Tess', '1.2.3', '1.2.3.1', ?)`,
      AT,
      JSON.stringify([{ x: 1, y: 2, width: 3, height: 4 }]),
    )
  if (migrations >= 8)
    add(
      'INSERT INTO audit_witness VALUES (1, ?)',
      JSON.stringify({ witnessed: null, alarm: null, workstationId: 'w', askedAt: AT }),
    )
  migrate(database, LEDGER_MIGRATIONS)
  return database
}

/** The versions in which the table or column of a migration existed. */
const since = (migration: number): number[] =>
  LEDGER_MIGRATIONS.map((_, index) => index + 1).filter((count) => count >= migration)

describe('rows that an earlier version wrote', () => {
  it.each(since(2))('W14: a share, its selection and its recipients are read after migration %i', (version) => {
    const database = ledgerOf(version)
    const audit = new AuditLog(database)
    const ledger = new ShareLedger(database, audit)
    const { terms, recipients, actor } = ledger.shareHead('s1')
    expect(terms).toEqual({ ...TERMS, reason: TERMS.reason.slice(0, 1000) })
    expect(actor.staffId).toBe('p1')
    expect(recipients).toMatchObject([{ recipientId: 'r1', givenName: '', emailPublic: false, numbers: [], rank: 0 }])
    expect(recipients[0]?.familyName).toHaveLength(200)
    expect(ledger.exams('s1')).toMatchObject([{ initials: '', instances: 1 }])
    expect(new ShareViews(database).shares({}, 0, 10).total).toBe(1)
    expect(audit.list(0, 10).rows[0]?.entry).toEqual(ENTRY)
  })

  it.each(since(3))('W8: enrolment and preferences are read, the strictest for an unknown choice (%i)', (version) => {
    const staff = new StaffRepository(ledgerOf(version), new AuditLog(ledgerOf(version)))
    expect(staff.enrolment()).toMatchObject({
      relayUrl: 'https://relay.example.org',
      department: { name: 'Radiology' },
    })
    expect(staff.enrolment()?.policy).toMatchObject({
      twoFactor: 'required',
      furtherSharing: 'forbidden',
      rights: ['images-read-report'],
    })
    // A stored choice that does not state two-factor counts as no choice, and two-factor is on (U20).
    expect(staff.preferences('p1')).toEqual({ glovesMode: true })
  })

  it.each(since(4))('D5: what was drawn in a series is read after migration %i', (version) => {
    const database = ledgerOf(version)
    expect(new SignOffs(database, new AuditLog(database)).regionsOfSeries('1.2.3.1')).toEqual([
      { x: 1, y: 2, width: 3, height: 4 },
    ])
  })

  it.each(since(8))('W7: the answer of the relay about heads is read after migration %i', (version) => {
    expect(new AuditLog(ledgerOf(version)).keptWitness()).toEqual({
      witnessed: null,
      alarm: null,
      restoredOver: null,
      workstationId: 'w',
      askedAt: AT,
    })
  })
})
