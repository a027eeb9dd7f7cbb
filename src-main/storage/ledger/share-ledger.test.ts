import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Uid } from '../../../src-core/contract/identifiers.ts'
import type { DirectoryEntry } from '../../../src-core/contract/recipients.ts'
import type { ShareTerms } from '../../../src-core/contract/terms/share-terms.ts'
import type { FeedEvent, Receipt } from '../../../src-core/contract/relay.ts'
import type { Actor, PackageRecord, SelectedInstance } from '../../ports/records.ts'
import { migrate } from '../database.ts'
import { AuditLog } from './audit-log.ts'
import { Favourites } from './favourites.ts'
import { LEDGER_MIGRATIONS } from './ledger-database.ts'
import { ShareLedger } from './share-ledger.ts'
import { ShareTable } from './share-table.ts'

const at = (second: number) =>
  `2026-11-21T10:${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')}.000Z`
const actor: Actor = {
  staffId: 'staff-1',
  name: 'SAMPLE, Tess',
  organisationId: 'org-1',
  departmentId: 'dep-1',
  workstationId: 'ws-1',
}
const terms: ShareTerms = {
  right: 'images-read-report',
  reason: 'Second opinion',
  validity: { kind: 'period', period: { unit: 'month', count: 1 } },
  patientAgreed: true,
  urgent: false,
  anonymize: false,
  twoFactor: true,
  sendMail: true,
  furtherSharing: false,
  message: '',
  mailLanguage: null,
}
const recipient = (recipientId: string): DirectoryEntry => ({
  recipientId,
  kind: 'user',
  familyName: `Sample-${recipientId}`,
  givenName: '',
  prefix: '',
  specialty: '',
  organisation: '',
  city: '',
  numbers: [],
  email: 'a@example.org',
  emailPublic: false,
  mobile: '+32470000001',
  mobilePublic: false,
  language: null,
  rank: 0,
})
const instance = (number: number, StudyInstanceUID = '1.2.3'): SelectedInstance => ({
  StudyInstanceUID: StudyInstanceUID as Uid,
  SeriesInstanceUID: '1.2.3.1' as Uid,
  SOPInstanceUID: `1.2.3.1.${number}` as Uid,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2' as Uid,
  TransferSyntaxUID: '1.2.840.10008.1.2.1',
  path: `/sample/${number}.dcm`,
  size: 1000,
  mtimeMs: 1,
  PatientName: 'SAMPLE^Patient',
  PatientID: 'SAMPLE-1',
  IssuerOfPatientID: '',
  PatientBirthDate: '19700101',
  StudyDescription: 'CT',
  StudyDate: '20261121',
  AccessionNumber: 'A1',
  Modality: 'CT',
  SeriesDescription: '',
  SeriesNumber: 1,
  InstanceNumber: number,
  NumberOfFrames: 1,
  Rows: 4,
  Columns: 4,
  ImageType: 'ORIGINAL\\PRIMARY',
  BurnedInAnnotation: '',
  ConversionType: '',
  kind: 'image',
})

let database: Database.Database
let ledger: ShareLedger
let audit: AuditLog
beforeEach(() => {
  database = new Database(':memory:')
  migrate(database, LEDGER_MIGRATIONS)
  audit = new AuditLog(database)
  ledger = new ShareLedger(database, audit)
})

function commit(shareId: string, change: Partial<ShareTerms> = {}, second = 0, stars: string[] = []) {
  return ledger.commit({
    record: {
      shareId,
      createdAt: at(second),
      actor,
      terms: { ...terms, ...change },
      mailLanguage: 'en',
      recipients: [recipient('r1'), recipient('r2')],
      instances: [instance(1), instance(2)],
    },
    stars,
    undoUntil: at(second + 10),
  })
}
const packageOf = (shareId: string): PackageRecord => ({
  packageId: `p-${shareId}`,
  shareId,
  createdAt: at(20),
  manifestSha256: 'a'.repeat(64),
  signature: 's',
  ownerSlot: 'o',
  accountSlot: 'a',
  parts: [{ name: 'images', size: 5, sha256: 'b'.repeat(64) }],
})
const receiptOf = (shareId: string): Receipt => ({
  shareId,
  packageId: `p-${shareId}`,
  deliveredAt: at(40),
  expiresAt: '2026-12-21T23:00:00.000Z',
  parts: packageOf(shareId).parts as Receipt['parts'],
  grants: [
    { recipientId: 'r1', grantId: 'g1' },
    { recipientId: 'r2', grantId: 'g2' },
  ],
})
function deliver(shareId: string) {
  ledger.runnable(at(30))
  ledger.apply(shareId, { type: 'started' }, at(31))
  ledger.savePackage(packageOf(shareId), at(32))
  ledger.apply(shareId, { type: 'started' }, at(33))
  ledger.apply(shareId, { type: 'uploaded' }, at(34))
  return ledger.saveReceipt(receiptOf(shareId), at(40))
}
const actions = () =>
  audit
    .list(0, 100)
    .rows.map((row) => row.entry.action)
    .toReversed()
const mark = (study = '1.2.3') =>
  database.prepare<[string], { mark: string }>('SELECT mark FROM study_mark WHERE StudyInstanceUID = ?').get(study)
    ?.mark ?? 'none'
const feed = (
  cursor: number,
  type: FeedEvent['type'],
  shareId: string,
  recipientId: string | null = 'r1',
): FeedEvent => ({ cursor, at: at(50 + cursor), type, shareId, recipientId, reason: null })
const rows = (table: string) => database.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n

describe('committing a share', () => {
  it('W6: share, consent, audit entry and outbox item are there together', () => {
    expect(commit('s1')).toMatchObject({ state: 'held', undoUntil: at(10) })
    expect([rows('share'), rows('consent'), rows('audit_entry'), rows('outbox'), rows('share_grant')]).toEqual([
      1, 1, 1, 1, 2,
    ])
    expect(new ShareTable(database).record('s1')).toMatchObject({
      actor,
      recipients: [{ recipientId: 'r1' }, { recipientId: 'r2' }],
      instances: [{ SOPInstanceUID: '1.2.3.1.1' }, { SOPInstanceUID: '1.2.3.1.2' }],
      packageId: null,
    })
  })

  it('W7: a term that the log does not know, and the text of a secret one, never get into it', () => {
    const secrets = { linkPassword: 'zanzibar-of-the-patient', message: 'About Mrs Zanzibar' }
    commit('s1', secrets as Partial<ShareTerms>)
    const { detail } = audit.list(0, 1).rows[0]!.entry
    expect(detail).toMatchObject({ reason: terms.reason, hasMessage: true, twoFactor: true, mailLanguage: 'en' })
    expect(JSON.stringify(detail)).not.toMatch(/zanzibar/i)
  })

  it('X1: a share that an earlier version recorded without a term gets the value that protects most', () => {
    commit('s1', { anonymize: false, furtherSharing: true })
    const drop = `UPDATE share SET terms = json_remove(terms, '$.anonymize', '$.furtherSharing', '$.twoFactor')`
    database.prepare(drop).run()
    expect(new ShareTable(database).head('s1').terms).toEqual({
      ...terms,
      anonymize: true,
      furtherSharing: false,
      twoFactor: true,
    })
  })

  it.each([
    'share',
    'share_selection',
    'share_study',
    'consent',
    'share_grant',
    'audit_entry',
    'audit_tree',
    'outbox',
    'study_mark',
  ])('W6: when writing %s fails nothing of the share is there', (table) => {
    database.exec(`CREATE TRIGGER broken BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'disk'); END`)
    expect(() => commit('s1')).toThrow('disk')
    for (const each of ['share', 'share_selection', 'share_study', 'consent', 'share_grant', 'audit_entry', 'outbox'])
      expect(rows(each)).toBe(0)
    expect(audit.verify()).toMatchObject({ entries: 0, ok: true })
  })

  it('S3: the same share again is the same share', () => {
    commit('s1')
    expect(commit('s1').state).toBe('held')
    expect([rows('share'), rows('audit_entry')]).toEqual([1, 1])
  })

  it('U11 U14: the ledger itself refuses a share without reason or agreement', () => {
    expect(() => commit('s1', { reason: ' ' })).toThrow('reason-required')
    expect(() => commit('s1', { patientAgreed: false })).toThrow('patient-not-agreed')
    expect(rows('share')).toBe(0)
  })

  it('W7: the entry says who shared what with whom, and why', () => {
    commit('s1')
    expect(audit.about('s1')[0]?.entry).toMatchObject({
      action: 'share',
      actor: { kind: 'staff', id: 'staff-1', name: 'SAMPLE, Tess' },
      organisationId: 'org-1',
      departmentId: 'dep-1',
      detail: {
        reason: 'Second opinion',
        studies: ['1.2.3'],
        recipients: [{ recipientId: 'r1' }, { recipientId: 'r2' }],
      },
    })
  })
})

describe('Undo and favourites', () => {
  const favourites = () => new Favourites(database).of('staff-1')

  it('U6: a star becomes a favourite only once Undo has lapsed', () => {
    commit('s1', {}, 0, ['r2'])
    ledger.runnable(at(10))
    expect(favourites()).toEqual([])
    ledger.runnable(at(11))
    expect(favourites()).toEqual(['r2'])
  })

  it('X4 U6: an undone share is not sent, leaves no mark and makes no favourite', () => {
    commit('s1', {}, 0, ['r2'])
    expect(mark()).toBe('held')
    expect(ledger.undo('s1', actor, at(9)).state).toBe('cancelled')
    expect(ledger.runnable(at(60))).toEqual([])
    expect([favourites(), mark(), actions()]).toEqual([[], 'none', ['share', 'undo']])
    expect(() => ledger.undo('s1', actor, at(10))).toThrow('undo-lapsed')
  })

  it('X4 S1: a clock that is set back after Share does not hold the share', () => {
    commit('s1', {}, 1800)
    expect(ledger.runnable(at(1805))).toEqual([])
    expect(ledger.runnable(at(0)).map(({ shareId, state }) => [shareId, state])).toEqual([['s1', 'queued']])
  })

  it('X4: after its time Undo is refused', () => {
    commit('s1')
    expect(() => ledger.undo('s1', actor, at(11))).toThrow('undo-lapsed')
  })
})

describe('order of the outbox', () => {
  const order = () => ledger.runnable(at(60)).map((item) => item.shareId)

  it('U16 S1: urgent ones first, then first come first served', () => {
    commit('a')
    commit('b', { urgent: true })
    commit('c')
    commit('d', { urgent: true })
    expect(order()).toEqual(['b', 'd', 'a', 'c'])
  })

  it('S5: what a person moved comes first', () => {
    for (const shareId of ['a', 'b', 'c']) commit(shareId)
    commit('u', { urgent: true })
    expect(order()).toEqual(['u', 'a', 'b', 'c'])
    ledger.act('c', 'move-up', actor, at(61))
    expect(order()).toEqual(['u', 'a', 'c', 'b'])
    ledger.act('b', 'send-now', actor, at(62))
    expect(order()).toEqual(['b', 'u', 'a', 'c'])
    ledger.act('b', 'move-down', actor, at(63))
    expect(order()).toEqual(['u', 'b', 'a', 'c'])
  })

  it('send now ends Undo', () => {
    commit('a')
    expect(ledger.act('a', 'send-now', actor, at(1)).state).toBe('queued')
  })
})

describe('from queue to receipt', () => {
  it('S4: delivered keeps the receipt, and a repeated one changes nothing', () => {
    commit('s1')
    expect(mark()).toBe('held')
    expect(deliver('s1').state).toBe('delivered')
    expect(ledger.saveReceipt(receiptOf('s1'), at(41)).state).toBe('delivered')
    const kept = database.prepare('SELECT receipt FROM receipt').pluck().all() as string[]
    expect(kept.map((text) => JSON.parse(text) as unknown)).toEqual([receiptOf('s1')])
    expect([mark(), actions()]).toEqual(['delivered', ['share', 'delivery']])
  })

  it('W7: an anonymized share has an entry for its de-identification, with counts and nothing of the patient', () => {
    const options = ['retainUIDs', 'cleanDescriptors'] as const
    commit('s1', { anonymize: true, deidentify: [...options] })
    deliver('s1')
    expect(actions()).toEqual(['share', 'deidentify', 'delivery'])
    const { entry } = audit.list(0, 100).rows.find((row) => row.entry.action === 'deidentify')!
    expect(entry).toEqual({
      at: at(32),
      actor: { kind: 'program', id: 'outpost', name: 'Outpost' },
      organisationId: 'org-1',
      departmentId: 'dep-1',
      workstationId: 'ws-1',
      action: 'deidentify',
      subject: 's1',
      detail: { instances: 2, options },
    })
  })

  it('W6: what was under way starts again after a restart', () => {
    commit('s1')
    ledger.runnable(at(30))
    ledger.apply('s1', { type: 'started' }, at(31))
    ledger.restart(at(60))
    expect(ledger.item('s1')).toMatchObject({ state: 'queued', step: 'prepare' })
  })

  it('an illegal step changes nothing, its package included', () => {
    commit('s1')
    expect(() => ledger.savePackage(packageOf('s1'), at(5))).toThrow('not-in-this-state')
    expect(ledger.package('p-s1')).toBeNull()
    expect(ledger.item('s1').state).toBe('held')
  })

  it('a failure shows at the study until it is cancelled', () => {
    commit('s1')
    ledger.runnable(at(30))
    ledger.apply('s1', { type: 'failed', reason: 'file-gone' }, at(31))
    expect([mark(), ledger.item('s1').reason]).toEqual(['failed', 'file-gone'])
    ledger.act('s1', 'cancel', actor, at(32))
    expect([mark(), actions()]).toEqual(['none', ['share', 'failed', 'cancel']])
  })
})

describe('U13: a date stands', () => {
  it('U13: a share not delivered by its date fails with that reason, at midnight of the department', () => {
    database
      .prepare('INSERT INTO enrolment VALUES (1, ?, ?, ?)')
      .run('https://relay.example.org', JSON.stringify({ policy: { timeZone: 'Europe/Brussels' } }), at(0))
    commit('s1', { validity: { kind: 'until', day: '2026-11-21' } })
    ledger.runnable(at(30))
    ledger.apply('s1', { type: 'wait', reason: 'offline', until: null }, at(31))
    ledger.runnable('2026-11-21T22:59:59.999Z')
    expect(ledger.item('s1').state).toBe('waiting')
    ledger.runnable('2026-11-21T23:00:00.000Z')
    expect(ledger.item('s1')).toMatchObject({ state: 'failed', reason: 'expired-before-delivery' })
  })
})

describe('what comes back', () => {
  it('S9: events change grants, marks and log once, and the cursor with them', () => {
    commit('s1')
    deliver('s1')
    const events = [feed(1, 'notified', 's1'), feed(2, 'opened', 's1')]
    ledger.applyFeed(events, at(60))
    ledger.applyFeed(events, at(61))
    expect([ledger.feedCursor(), mark(), actions()]).toEqual([2, 'opened', ['share', 'delivery', 'notified', 'opened']])
    expect(audit.list(0, 1).rows[0]?.entry.actor).toEqual({ kind: 'recipient', id: 'r1', name: 'Sample-r1' })
  })

  it('an event of a share that this workstation does not know moves only the cursor', () => {
    ledger.applyFeed([feed(7, 'opened', 'elsewhere')], at(60))
    expect([ledger.feedCursor(), rows('audit_entry')]).toEqual([7, 0])
  })
})

describe('withdrawing', () => {
  it('U26: before delivery it cancels the work too', () => {
    commit('s1')
    ledger.runnable(at(30))
    ledger.withdraw('s1', actor, at(31))
    expect([ledger.item('s1').state, mark(), ledger.commands().map((command) => command.kind)]).toEqual([
      'cancelled',
      'none',
      ['withdraw'],
    ])
    expect(() => ledger.withdraw('s1', actor, at(32))).toThrow('not-in-this-state')
  })

  it('after delivery it is told to the relay until that has answered', () => {
    commit('s1')
    deliver('s1')
    ledger.withdraw('s1', actor, at(45))
    const [command] = ledger.commands()
    expect(command).toMatchObject({ kind: 'withdraw', shareId: 's1', by: actor.staffId })
    ledger.commandDone(command?.commandId ?? 0, at(46))
    expect([ledger.commands(), mark()]).toEqual([[], 'none'])
  })

  it('while a share is confirmed its withdrawal waits for the answer', () => {
    commit('s1')
    ledger.runnable(at(30))
    ledger.apply('s1', { type: 'started' }, at(31))
    ledger.savePackage(packageOf('s1'), at(32))
    ledger.apply('s1', { type: 'started' }, at(33))
    ledger.apply('s1', { type: 'uploaded' }, at(34))
    ledger.withdraw('s1', actor, at(35))
    expect(ledger.commands()).toEqual([])
    ledger.saveReceipt(receiptOf('s1'), at(36))
    expect(ledger.commands()).toHaveLength(1)
  })

  it('a share whose confirm got no answer is withdrawn at the relay when it is cancelled here', () => {
    commit('s1')
    ledger.runnable(at(30))
    ledger.apply('s1', { type: 'started' }, at(31))
    ledger.savePackage(packageOf('s1'), at(32))
    ledger.apply('s1', { type: 'started' }, at(33))
    ledger.apply('s1', { type: 'uploaded' }, at(34))
    ledger.apply('s1', { type: 'wait', reason: 'offline', until: null }, at(35))
    ledger.act('s1', 'cancel', actor, at(36))
    expect(ledger.commands().map((command) => command.kind)).toEqual(['withdraw'])
  })
})
