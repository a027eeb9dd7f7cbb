import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Uid } from '../../src-core/contract/identifiers.ts'
import { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { type SharePolicy } from '../../src-core/contract/terms.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { ShareDraft } from '../../src-core/contract/workstation.ts'
import { createEvents } from '../app/events.ts'
import { importDirectory, searchDirectory } from '../cli/directory-commands.ts'
import { outboxCommand, shareCommand } from '../cli/share-commands.ts'
import { termsGiven } from '../cli/term-flags.ts'
import { enrolWorkstation } from '../staff/enrol.ts'
import { StaffSession } from '../staff/session.ts'
import { openLedgerToRead } from '../storage/ledger/ledger-database.ts'
import { ShareTable } from '../storage/ledger/share-table.ts'
import { openStorage, type Storage } from '../storage/open-storage.ts'
import { storageInProcess } from '../../tests/support/storage-in-process.ts'
import { keychainSecrets } from '../secrets/keychain.ts'
import { mailCatalogs } from './mail-catalogs.ts'
import { displayName } from '../../src-core/patient/display-name.ts'
import { anonymousPatients } from '../imaging/anonymous-patients.ts'
import { pseudonyms } from '../imaging/uid-map.ts'
import { instanceBytes } from '../library/instance.fixture.ts'
import { deidentifyPreview } from './deidentify-preview.ts'
import type { SelectedInstance } from '../ports/records.ts'
import { asksOneTimePassword } from '../../src-core/sharing/two-factor.ts'
import { Sharing } from './share-studies.ts'

const policy: SharePolicy = {
  validity: {
    default: { kind: 'period', period: { unit: 'month', count: 1 } },
    maximum: { unit: 'month', count: 12 },
    unlimitedOffered: false,
  },
  twoFactor: 'offered',
  sendMail: 'offered',
  rights: ['images-read-report'],
  anonymize: 'offered',
  furtherSharing: 'offered',
  reasons: ['Second opinion'],
  defaultLanguage: 'en',
  timeZone: 'Europe/Brussels',
  contact: 'Service desk 4711',
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
  message: 'Please look.',
  mailLanguage: null,
}
const instance = (number: number, more: Partial<SelectedInstance> = {}): SelectedInstance => ({
  StudyInstanceUID: '1.2.3' as Uid,
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
  StudyDescription: 'CT thorax',
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
  ...more,
})
const entries = [
  DirectoryEntry.parse({
    recipientId: 'r1',
    kind: 'user',
    familyName: 'Sample',
    givenName: 'Ruth',
    email: 'ruth@example.org',
    mobile: '+32470000001',
    language: 'nl',
  }),
  DirectoryEntry.parse({
    recipientId: 'r2',
    kind: 'user',
    familyName: 'Example',
    givenName: 'Sam',
    email: 'sam@example.org',
    language: 'nl',
  }),
  DirectoryEntry.parse({
    recipientId: 'r3',
    kind: 'user',
    familyName: 'Invented',
    email: 'i@example.org',
    mobile: '+32470000003',
    language: 'fr',
  }),
]

/** A relay that accepts one password for every member of staff. */
const passwords = {
  fits: async (_staffId: string, password: string) => password === 'sample password',
  forget: async () => {},
}

let folder: string
let storage: Storage
let crossed: () => number
let session: StaffSession
let sharing: Sharing
let selected: SelectedInstance[]
let now: Date
const secret = new Map<string, string>()
const ids = {
  organisationId: '5f6d5a52-1111-4111-8111-111111111111',
  departmentId: '5f6d5a52-2222-4222-8222-222222222222',
  workstationId: '5f6d5a52-3333-4333-8333-333333333333',
}
const shareId = () => crypto.randomUUID()
const draft = (more: Partial<ShareTerms> = {}, recipients = ['r1'], star = false): ShareDraft => ({
  shareId: shareId(),
  selection: { studies: [{ StudyInstanceUID: '1.2.3' as Uid, series: null }], leftOut: [] },
  recipients: recipients.map((recipientId) => ({ recipientId, star })),
  terms: { ...terms, ...more },
})
const refused = async (change: ShareDraft) => {
  const before = (await storage.shares.outbox(now.toISOString())).length
  const code = await sharing.share(change, session.require()).then(
    () => 'shared',
    (error: { code: string }) => error.code,
  )
  expect((await storage.shares.outbox(now.toISOString())).length).toBe(before)
  return code
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'outpost-sharing-'))
  now = new Date('2026-11-21T10:00:00Z')
  selected = [instance(1), instance(2)]
  ;({ storage, crossed } = storageInProcess(folder, () => selected))
  const events = createEvents()
  session = new StaffSession({ storage, events, now: () => now, passwords })
  sharing = new Sharing({
    storage,
    events,
    sync: { kick: () => {} },
    now: () => now,
    catalogs: mailCatalogs(resolve(import.meta.dirname, '../../resources')),
    library: { selected: async () => ({ instances: selected, arriving: false }) },
  })
  const secrets = keychainSecrets(
    {
      getPassword: async (_, account) => secret.get(account) ?? null,
      setPassword: async (_, account, value) => {
        secret.set(account, value)
      },
      deletePassword: async (_, account) => secret.delete(account),
    },
    folder,
  )
  const staff = (['technologist', 'administrator', 'front-desk'] as const).map((role) => ({
    staffId: role,
    name: `Sample ${role}`,
    role,
    language: null,
  }))
  await enrolWorkstation(
    {
      storage,
      host: { secrets, fetch: globalThis.fetch, now: () => now },
      ask: async () => ({
        token: 'sample-token',
        organisation: { organisationId: ids.organisationId, name: 'Sample Hospital' },
        department: { departmentId: ids.departmentId, name: 'Radiology' },
        workstation: { workstationId: ids.workstationId, name: 'CT 1' },
        relayRecipient: 'age1relay',
        organisationRecipient: 'age1organisation',
        policy,
        staff,
        demonstration: false,
      }),
    },
    'https://relay.example.org/',
    'CODE',
  )
  await storage.directory.put(entries)
})
afterEach(async () => {
  await storage.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('signing in', () => {
  it('W8: works without a connection, by name and password', async () => {
    expect(() => session.require()).toThrow('not-signed-in')
    await expect(session.signIn('Sample technologist', 'wrong')).rejects.toMatchObject({ code: 'wrong-credentials' })
    await expect(session.signIn('Nobody', 'sample password')).rejects.toMatchObject({ code: 'wrong-credentials' })
    await expect(session.signInDemonstration()).rejects.toMatchObject({ code: 'not-allowed' })
    expect(await session.signIn(' sample TECHNOLOGIST ', 'sample password')).toEqual({
      staffId: 'technologist',
      name: 'Sample technologist',
      role: 'technologist',
    })
    expect(session.require().actor).toEqual({ staffId: 'technologist', name: 'Sample technologist', ...ids })
    await session.signOut()
    expect(session.current()).toBeNull()
    const { rows } = await storage.audit.list(0, 10)
    expect(rows.map((row) => row.entry.action)).toEqual([
      'sign-out',
      'sign-in',
      'sign-in-refused',
      'sign-in-refused',
      'enrol',
    ])
    expect(JSON.stringify(rows)).not.toContain('Nobody')
  })

  it('W8: a role decides what its holder may do', async () => {
    await session.signIn('Sample technologist', 'sample password')
    expect(() => session.requireFor('unblock')).toThrow('not-allowed')
    await session.signIn('Sample administrator', 'sample password')
    expect(session.requireFor('unblock').staff.role).toBe('administrator')
  })

  it('W18: who left is signed out with the next contact, and cannot come back', async () => {
    await session.signIn('Sample technologist', 'sample password')
    const staff = await storage.staff.staff()
    await session.applyOrganisation({ policy, staff: staff.filter((each) => each.staffId !== 'technologist') })
    expect(session.current()).toBeNull()
    await expect(session.signIn('Sample technologist', 'sample password')).rejects.toMatchObject({
      code: 'wrong-credentials',
    })
  })

  /** A session that records its waiting times instead of waiting. */
  const seatThatWaits = (waits: number[]) =>
    new StaffSession({
      storage,
      events: createEvents(),
      passwords,
      now: () => now,
      wait: async (milliseconds) => {
        waits.push(milliseconds)
      },
    })
  const wrong = (seat: StaffSession, password = 'guess') =>
    expect(seat.signIn('Sample technologist', password)).rejects.toMatchObject({ code: 'wrong-credentials' })

  it('W8: guessing passwords becomes slow, and a right one makes it quick again', async () => {
    const waits: number[] = []
    const seat = seatThatWaits(waits)
    for (let guess = 0; guess < 7; guess++) await wrong(seat, `guess ${guess}`)
    await seat.signIn('Sample technologist', 'sample password')
    await wrong(seat)
    expect(waits).toEqual([1000, 2000, 4000])
  })

  it('W8: guesses side by side wait as long as guesses one by one, from however many browsers', async () => {
    const waits: number[] = []
    const seat = seatThatWaits(waits)
    await Promise.all(Array.from({ length: 9 }, (_, index) => wrong(seat.from(`browser ${index}`))))
    expect(waits).toEqual([1000, 2000, 4000, 8000])
  })

  it('W8: more guesses at once than people can type are refused unseen', async () => {
    const seat = seatThatWaits([])
    const codes = await Promise.all(
      Array.from({ length: 30 }, () => seat.signIn('Sample technologist', 'guess').catch((error) => error.code)),
    )
    expect(codes.filter((code) => code === 'too-many-requests')).toHaveLength(10)
  })

  it('W8: a restart does not forgive wrong guesses, and each name has its own', async () => {
    for (let guess = 0; guess < 6; guess++) await wrong(seatThatWaits([]))
    const waits: number[] = []
    const restarted = seatThatWaits(waits)
    await wrong(restarted)
    await restarted.signIn('Sample administrator', 'sample password')
    expect(waits).toEqual([2000])
  })

  it('W8, W9: guesses at the passphrase of the secrets are slow too; what is no guess is not counted', async () => {
    const waits: number[] = []
    const seat = seatThatWaits(waits)
    const failing = (code: 'wrong-passphrase' | 'internal') => () => Promise.reject(new OutpostError(code))
    for (let guess = 0; guess < 6; guess++)
      await expect(seat.unlock(failing('wrong-passphrase'))).rejects.toMatchObject({ code: 'wrong-passphrase' })
    await expect(seat.unlock(failing('internal'))).rejects.toMatchObject({ code: 'internal' })
    await expect(seat.unlock(failing('wrong-passphrase'))).rejects.toMatchObject({ code: 'wrong-passphrase' })
    expect(waits).toEqual([1000, 2000, 2000])
  })

  it('W8: another browser is not signed in, and ends the first session when somebody signs in there', async () => {
    const [first, second] = [session.from('first'), session.from('second')]
    await first.signIn('Sample technologist', 'sample password')
    expect([first.current()?.staffId, session.from('first').current()?.staffId]).toEqual([
      'technologist',
      'technologist',
    ])
    expect(second.current()).toBeNull()
    expect(() => second.require()).toThrow('not-signed-in')
    await second.signOut()
    expect(first.current()).not.toBeNull()
    await second.signIn('Sample technologist', 'sample password')
    expect([first.current(), second.current()?.staffId]).toEqual([null, 'technologist'])
  })

  it('W8: fifteen minutes without a request sign a person out, which the page is told', async () => {
    const told: string[] = []
    const events = createEvents()
    events.subscribe(({ type }) => told.push(type))
    const seat = new StaffSession({ storage, events, now: () => now, passwords })
    await seat.signIn('Sample technologist', 'sample password')
    const later = (minutes: number) => (now = new Date(now.getTime() + minutes * 60_000))
    later(14.9)
    expect((await seat.used()).current()).not.toBeNull()
    later(14.9)
    // Requests of another browser do not keep the session alive.
    expect((await seat.from('another').used()).current()).toBeNull()
    await seat.endIdle()
    expect(seat.current()).not.toBeNull()
    later(0.1)
    await seat.endIdle()
    expect([seat.current(), told]).toEqual([null, ['session', 'session']])
    await seat.signIn('Sample technologist', 'sample password')
    later(15)
    expect((await seat.used()).current()).toBeNull()
    expect((await storage.audit.list(0, 1)).rows[0]?.entry.action).toBe('sign-out')
  })

  it('W7, W13: what the command line does in a name without a password is logged as that', async () => {
    await session.actAs('Sample technologist', 'root')
    await sharing.share(draft(), session.require())
    await session.signOut()
    const { rows } = await storage.audit.list(0, 3)
    const by = { via: 'command-line', systemUser: 'root' }
    expect(rows.map(({ entry }) => [entry.action, entry.actor.kind, entry.detail])).toEqual([
      ['sign-out', 'program', by],
      ['share', 'staff', expect.objectContaining(by)],
      ['sign-in', 'program', by],
    ])
  })

  it('W9: the token is a secret and not in the ledger', async () => {
    expect([...secret].some(([name, value]) => name.endsWith('enrolment-token') && value === 'sample-token')).toBe(true)
    expect(JSON.stringify(await storage.staff.enrolment())).not.toContain('sample-token')
  })
})

describe('sharing', () => {
  beforeEach(() => session.signIn('Sample technologist', 'sample password'))

  it('U1 U5 U21: shares with several recipients and says what was shared', async () => {
    const shared = await sharing.share(draft({}, ['r1', 'r3']), session.require())
    expect(shared).toMatchObject({ state: 'held', undoUntil: '2026-11-21T10:00:10.000Z' })
    expect(shared.confirmation).toContain('Exam: CT thorax, 21 Nov 2026, 2 images\nWith: Ruth Sample; Invented')
    const { rows } = await storage.shares.shares({}, 0, 10)
    expect(rows[0]).toMatchObject({
      createdBy: 'Sample technologist',
      PatientID: 'SAMPLE-1',
      recipients: [
        { recipientId: 'r1', state: 'held' },
        { recipientId: 'r3', state: 'held' },
      ],
    })
  })

  it('S3: pressing Share twice makes one share', async () => {
    const twice = draft()
    await Promise.all([sharing.share(twice, session.require()), sharing.share(twice, session.require())])
    expect((await storage.shares.shares({}, 0, 10)).total).toBe(1)
  })

  it('U11: a share without a reason is refused', async () =>
    expect(await refused(draft({ reason: '  ' }))).toBe('reason-required'))
  it('U14: a share without the patient’s agreement is refused', async () =>
    expect(await refused(draft({ patientAgreed: false }))).toBe('patient-not-agreed'))
  it('U7: two-factor with a recipient without a mobile number is refused', async () =>
    expect(await refused(draft({}, ['r1', 'r2']))).toBe('recipient-without-mobile'))
  it('U5: a recipient whom the directory does not know is refused', async () =>
    expect(await refused(draft({}, ['r1', 'rx']))).toBe('recipient-unknown'))
  it('U5: a recipient chosen twice gets one grant', async () => {
    await sharing.share(draft({}, ['r1', 'r3', 'r1']), session.require())
    const { rows } = await storage.shares.shares({}, 0, 10)
    expect(rows[0]?.recipients.map((each) => each.recipientId)).toEqual(['r1', 'r3'])
  })

  it('U13: unlimited where it is not offered is refused', async () =>
    expect(await refused(draft({ validity: { kind: 'unlimited' } }))).toBe('unlimited-not-offered'))

  describe('W15: a selection with more than one patient', () => {
    const other = { PatientName: 'OTHER^Person', PatientID: 'SAMPLE-2' }
    const review = () => sharing.review(draft().selection, false)

    it('W15: is refused as long as nobody confirmed it, and both are shown', async () => {
      selected = [instance(1), instance(2, other)]
      const { patients } = await review()
      expect(patients.map((patient) => patient.PatientID)).toEqual(['SAMPLE-1', 'SAMPLE-2'])
      for (const confirmedPatients of [undefined, '', '2'])
        expect(await refused({ ...draft(), confirmedPatients })).toBe('several-patients')
    })

    it('W15: leaves once exactly these patients were confirmed; all views name both, the log counts them', async () => {
      selected = [instance(1), instance(2, other)]
      const shared = draft()
      const who = session.requireFor('share')
      const { patientsShown } = await review()
      const { confirmation } = await sharing.share({ ...shared, confirmedPatients: patientsShown }, who)
      expect(confirmation).toContain('SAMPLE, Patient (SAMPLE-1)')
      expect(confirmation).toContain('OTHER, Person (SAMPLE-2)')
      const [row] = await storage.shares.outbox(now.toISOString())
      expect(displayName(row!.patient)).toBe('SAMPLE, Patient; OTHER, Person')
      expect((await storage.shares.status(shared.shareId)).PatientID).toBe('SAMPLE-1\\SAMPLE-2')
      const { rows } = await storage.audit.list(0, 500)
      const { entry } = rows.find((row) => row.entry.action === 'share' && row.entry.subject === shared.shareId)!
      expect(entry.detail).toMatchObject({ patientsConfirmed: 2 })
      expect(JSON.stringify(entry)).not.toMatch(/OTHER|Person/)
    })

    it('W15: a confirmation does not hold for a patient who came after it', async () => {
      selected = [instance(1), instance(2, other)]
      const { patientsShown: confirmedPatients } = await review()
      selected = [...selected, instance(3, { PatientName: 'THIRD^Person', PatientID: 'SAMPLE-3' })]
      expect(await refused({ ...draft(), confirmedPatients })).toBe('several-patients')
      selected = [instance(1), instance(2, { ...other, PatientName: 'OTHER^Name' })]
      expect(await refused({ ...draft(), confirmedPatients })).toBe('several-patients')
    })

    it.each<[string, Partial<SelectedInstance>]>([
      ['carets at the end of the name', { PatientName: 'Sample^Patient^^' }],
      ['a further name group', { PatientName: 'SAMPLE^Patient=見本^患者' }],
      ['no birth date', { PatientBirthDate: '' }],
      ['an issuer', { IssuerOfPatientID: 'HOSP' }],
      ['blanks around the ID', { PatientID: ' SAMPLE-1 ' }],
    ])('W15: asks nothing where one of the images only has %s', async (_what, more) => {
      selected = [instance(1), instance(2, more)]
      expect((await review()).patients).toHaveLength(1)
      await expect(sharing.share(draft(), session.requireFor('share'))).resolves.toMatchObject({ state: 'held' })
    })

    it('W15: a birth date that is missing asks where it could be either of two', async () => {
      selected = [instance(1), instance(2, { PatientBirthDate: '' }), instance(3, { PatientBirthDate: '19800202' })]
      expect((await review()).patients).toHaveLength(3)
      expect(await refused(draft())).toBe('several-patients')
    })
  })

  it('D8: the preview names and numbers patients without an ID as the package does', async () => {
    const without = { PatientID: '', PatientBirthDate: '' }
    selected = [
      instance(1, { ...without, PatientName: 'ALPHA^Anna' }),
      instance(2, { ...without, PatientName: 'BETA^Bert' }),
    ]
    const paths = [1, 2].map((number) => join(folder, `${number}.dcm`))
    for (const [index, file] of paths.entries()) {
      const { PatientName: name } = selected[index]!
      writeFileSync(file, instanceBytes({ id: '', birth: '', name, number: index + 1 }))
      const { size, mtimeMs } = statSync(file)
      selected[index] = { ...selected[index]!, path: file, size, mtimeMs }
    }
    const ours = pseudonyms(new Uint8Array(32).fill(3))
    const previewed = await deidentifyPreview(
      { selection: draft().selection, SOPInstanceUID: selected[1]!.SOPInstanceUID },
      { library: { selected: async () => ({ instances: selected, arriving: false }) }, storage, pseudonyms: ours },
    )
    const sent = anonymousPatients(ours)
    const [first, second] = selected.map((each) => sent(each))
    expect(first!.patientId).not.toBe(second!.patientId)
    const after = (keyword: string) => previewed.instances[0]!.rows.find((row) => row.keyword === keyword)?.after
    expect([after('PatientID'), after('PatientName')]).toEqual([second!.patientId, 'Anonymous^2'])
  })

  it('D5 D6: what cannot be de-identified is named, and stops an anonymized share', async () => {
    selected = [
      instance(1),
      instance(2, { BurnedInAnnotation: 'YES' }),
      instance(3, { SOPClassUID: '1.2.840.10008.5.1.4.1.1.104.1' as Uid, Modality: 'DOC', kind: 'report' }),
    ]
    const { refusals } = await sharing.review(draft().selection, true)
    expect(refusals.map((refusal) => refusal.code)).toEqual(['burned-in-annotation', 'encapsulated-document'])
    expect((await sharing.review(draft().selection, false)).refusals).toEqual([])
    expect(await refused(draft({ anonymize: true }))).toBe('burned-in-annotation')
  })

  it('D5: reviewed images may leave, listed with the reviewer; a changed file is refused again', async () => {
    selected = [instance(1), instance(2, { BurnedInAnnotation: 'YES', NumberOfFrames: 2 })]
    const series = {
      StudyInstanceUID: selected[1]!.StudyInstanceUID,
      SeriesInstanceUID: selected[1]!.SeriesInstanceUID,
    }
    const { images, proposals } = await sharing.pixelReview.requestReview(series, [selected[1]!.SOPInstanceUID])
    expect([images.map((image) => image.NumberOfFrames), proposals]).toEqual([[2], []])
    const seen = images.map(({ SOPInstanceUID, content }) => ({ SOPInstanceUID, content, framesSeen: [1, 2] }))
    await sharing.pixelReview.signOff(series, [{ x: 0, y: 0, width: 2, height: 1 }], seen, session.require())
    const review = await sharing.review(draft().selection, true)
    expect(review.refusals).toEqual([])
    expect(review.signedOff).toEqual([
      {
        ...series,
        SOPInstanceUIDs: [selected[1]!.SOPInstanceUID],
        by: 'Sample technologist',
        at: '2026-11-21T10:00:00.000Z',
        regions: 1,
      },
    ])
    selected = [instance(1), instance(2, { BurnedInAnnotation: 'YES', NumberOfFrames: 2, mtimeMs: 2 })]
    await expect(sharing.pixelReview.signOff(series, [], seen, session.require())).rejects.toMatchObject({
      code: 'file-changed',
    })
    expect(await refused(draft({ anonymize: true }))).toBe('burned-in-annotation')
    selected = [instance(1), instance(2, { BurnedInAnnotation: 'YES', NumberOfFrames: 2 })]
    expect(await sharing.share(draft({ anonymize: true }), session.require())).toMatchObject({ state: 'held' })
  })

  it('D5: video cannot be seen here, so it cannot be signed off', async () => {
    selected = [instance(1, { TransferSyntaxUID: '1.2.840.10008.1.2.4.100', Modality: 'ES' })]
    const series = {
      StudyInstanceUID: selected[0]!.StudyInstanceUID,
      SeriesInstanceUID: selected[0]!.SeriesInstanceUID,
    }
    const { images } = await sharing.pixelReview.requestReview(series, [selected[0]!.SOPInstanceUID])
    expect(images[0]?.code).toBe('video')
    await expect(
      sharing.pixelReview.signOff(
        series,
        [],
        images.map(({ SOPInstanceUID, content }) => ({ SOPInstanceUID, content, framesSeen: [1] })),
        session.require(),
      ),
    ).rejects.toMatchObject({ code: 'video' })
  })

  it('D2: removing faces refuses images, signed off or not; dates are shifted or kept, not both', async () => {
    expect(await refused(draft({ anonymize: true, deidentify: ['cleanRecognizableVisualFeatures'] }))).toBe(
      'recognizable-features',
    )
    expect(
      (await sharing.review(draft().selection, true, ['cleanRecognizableVisualFeatures'])).refusals.map(
        (refusal) => refusal.code,
      ),
    ).toEqual(['recognizable-features', 'recognizable-features'])
    expect(
      await refused(
        draft({ anonymize: true, deidentify: ['retainLongitudinalFullDates', 'retainLongitudinalModifiedDates'] }),
      ),
    ).toBe('bad-request')
  })

  it('U20: two-factor and Send mail keep their last values for that staff member, never below the policy', async () => {
    expect(await sharing.defaults(session.require())).toMatchObject({ twoFactor: true, sendMail: true })
    await sharing.share(draft({ twoFactor: false, sendMail: false }), session.require())
    expect(await sharing.defaults(session.require())).toMatchObject({ twoFactor: false, sendMail: false })
    await session.applyOrganisation({
      policy: { ...policy, twoFactor: 'required' },
      staff: await storage.staff.staff(),
    })
    expect(await sharing.defaults(session.require())).toMatchObject({ twoFactor: true, sendMail: false })
    await session.signIn('Sample administrator', 'sample password')
    expect(await sharing.defaults(session.require())).toMatchObject({ sendMail: true })
  })

  it('X3 U12 U19: the preview is the mail in the recipients’ language, without the reason', async () => {
    const { language, mails } = await sharing.preview(
      draft({ twoFactor: false }, ['r1', 'r2', 'r3']),
      session.require(),
    )
    const mail = mails[0]!
    expect(language).toBe('nl')
    expect(mail.text).toContain('P.S. · CT thorax')
    expect(mail.text).toContain('Please look.')
    expect(mail.text).not.toContain('Second opinion')
  })

  it('X3 U7: a recipient without two-factor is shown no code, as in the confirm request', async () => {
    const shown = draft({ withoutTwoFactor: ['r1'] }, ['r1', 'r3'])
    const { mails } = await sharing.preview(shown, session.require())
    const told = mails.map(({ recipientId, twoFactor, text }) => [recipientId, twoFactor, /sms|code/i.test(text)])
    expect(told).toEqual([
      ['r1', false, false],
      ['r3', true, true],
    ])
    await sharing.share(shown, session.require())
    const share = await storage.ledger.shareHead(shown.shareId)
    for (const { recipientId, twoFactor } of mails)
      expect(asksOneTimePassword(share.terms, recipientId)).toBe(twoFactor)
  })

  it('S1: of twenty thousand instances nothing crosses between threads that two would not need', async () => {
    const sent: number[] = []
    for (const count of [2, 20_000]) {
      selected = Array.from({ length: count }, (_, index) => instance(index + 1))
      const made = draft({ anonymize: true, message: '' })
      crossed()
      await sharing.review(made.selection, true)
      await sharing.preview(made, session.require())
      await sharing.share(made, session.require())
      // Sync reads the head until the share is confirmed.
      await storage.ledger.shareHead(made.shareId)
      await storage.ledger.exams(made.shareId)
      sent.push(crossed())
    }
    // Larger numbers take a few bytes more.
    expect(sent[1]! - sent[0]!).toBeLessThan(200)
  })

  it('X4 U6: Undo within its time takes everything back; a star is kept only after it', async () => {
    const undone = draft({}, ['r1'], true)
    await sharing.share(undone, session.require())
    await sharing.undo(undone.shareId, session.require())
    await sharing.share(draft({}, ['r3'], true), session.require())
    await storage.ledger.runnable('2026-11-21T10:00:11.000Z')
    expect(await storage.staff.favourites('technologist')).toEqual(['r3'])
  })

  it('W6: what was committed is there after the process was gone', async () => {
    const kept = draft()
    await sharing.share(kept, session.require())
    await storage.close()
    storage = await openStorage({ entry: new URL('../storage/worker.ts', import.meta.url), dataFolder: folder })
    expect(await storage.ledger.shareHead(kept.shareId)).toMatchObject({ actor: { staffId: 'technologist' } })
    const ledger = openLedgerToRead(folder)
    expect(new ShareTable(ledger).record(kept.shareId)).toMatchObject({
      instances: [{ SOPInstanceUID: '1.2.3.1.1' }, { SOPInstanceUID: '1.2.3.1.2' }],
    })
    ledger.close()
    expect(await storage.audit.verify()).toMatchObject({ ok: true })
  })
})

const shareIdOf = (shared: Awaited<ReturnType<typeof shareCommand>>): string => {
  if ('refused' in shared) throw new Error('refused')
  return shared.shareId
}

describe('W13: the same from the command line', () => {
  it('W15: several patients are named instead of shared, until what the refusal says is repeated', async () => {
    const services = { session, sharing, storage }
    const words = { studies: ['1.2.3'], as: 'technologist', to: ['r1'], reason: 'Second opinion', patientAgreed: true }
    selected = [instance(1), instance(2, { PatientName: 'OTHER^Person', PatientID: 'SAMPLE-2' })]
    const refusal = await shareCommand(services, words)
    if (!('refused' in refusal)) throw new Error('shared without asking')
    expect(refusal.patients.map(({ PatientName }) => PatientName)).toEqual(['SAMPLE^Patient', 'OTHER^Person'])
    expect(await outboxCommand(storage, now)).toEqual([])
    for (const severalPatientsAgreed of ['', 'yes', '2'])
      expect(await shareCommand(services, { ...words, severalPatientsAgreed })).toEqual(refusal)
    const { severalPatientsAgreed } = refusal
    expect(await shareCommand(services, { ...words, severalPatientsAgreed })).toMatchObject({ state: 'held' })
  })

  it('W13: share, outbox, directory', async () => {
    const services = { session, sharing, storage }
    const shared = await shareCommand(services, {
      studies: ['1.2.3'],
      as: 'technologist',
      to: ['Ruth Sample', 'r3'],
      reason: 'Second opinion',
      patientAgreed: true,
      terms: termsGiven({ validity: '14d', urgent: true }),
    })
    expect(await outboxCommand(storage, now)).toEqual([
      { shareId: shareIdOf(shared), state: 'held', reason: null, bytesSent: 0, bytesTotal: 2000 },
    ])
    expect((await storage.ledger.shareHead(shareIdOf(shared))).terms).toMatchObject({
      urgent: true,
      validity: { kind: 'period', period: { unit: 'day', count: 14 } },
    })
    expect(await storage.audit.verify()).toMatchObject({ entries: 4, ok: true })
    expect((await searchDirectory(storage, 'ruht sampel'))[0]).toMatchObject({
      id: 'r1',
      name: 'Ruth Sample',
      email: '',
      hasEmail: true,
    })
    await expect(
      shareCommand(services, { studies: ['1.2.3'], as: 'technologist', to: ['r1'], reason: 'x', patientAgreed: false }),
    ).rejects.toMatchObject({ code: 'patient-not-agreed' })
    await expect(importDirectory(storage, join(folder, 'missing.csv'), now)).rejects.toMatchObject({
      code: 'directory-file-unreadable',
    })
  })
})
