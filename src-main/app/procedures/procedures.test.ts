import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { call, type AnyRouter } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Uid } from '../../../src-core/contract/identifiers.ts'
import { DirectoryEntry } from '../../../src-core/contract/recipients.ts'
import { mayDo } from '../../../src-core/permissions/staff-actions.ts'
import { seenInSession } from '../../audit/seen-in-session.ts'
import { folderHandles } from '../../hosts/folder-handles.ts'
import { SealedFileSecrets } from '../../secrets/sealed-file.ts'
import { mailCatalogs } from '../../sharing/mail-catalogs.ts'
import type { SelectedInstance } from '../../ports/records.ts'
import { Sharing } from '../../sharing/share-studies.ts'
import { StaffSession } from '../../staff/session.ts'
import { storageInProcess } from '../../../tests/support/storage-in-process.ts'
import type { Storage } from '../../storage/open-storage.ts'
import { createEvents } from '../events.ts'
import type { Host } from '../../ports/host.ts'
import { procedures } from '../procedures.ts'
import type { Library } from '../../ports/services.ts'
import type { Services } from '../services.ts'

const ids = {
  organisationId: '5f6d5a52-1111-4111-8111-111111111111',
  departmentId: '5f6d5a52-2222-4222-8222-222222222222',
  workstationId: '5f6d5a52-3333-4333-8333-333333333333',
}
const instance = {
  StudyInstanceUID: '1.2.3',
  SeriesInstanceUID: '1.2.3.1',
  SOPInstanceUID: '1.2.3.1.1',
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  size: 1000,
  PatientName: 'SAMPLE^Patient',
  PatientID: 'SAMPLE-1',
  IssuerOfPatientID: '',
  PatientBirthDate: '19700101',
  StudyDescription: 'CT thorax',
  StudyDate: '20261121',
  Modality: 'CT',
  ImageType: '',
  BurnedInAnnotation: '',
  ConversionType: '',
} as unknown as SelectedInstance

/** A relay that accepts one password for every member of staff. */
const passwords = {
  fits: async (_staffId: string, password: string) => password === 'sample password',
  forget: async () => {},
}

let folder: string
let storage: Storage
let services: Services
let kicks: number
let now: Date
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'outpost-procedures-'))
  now = new Date('2026-11-21T10:00:00Z')
  kicks = 0
  storage = storageInProcess(folder, () => [instance]).storage
  const events = createEvents()
  const session = new StaffSession({ storage, events, now: () => now, passwords })
  const library = {
    selected: async () => ({ instances: [instance], arriving: false }),
    list: async () => ({ total: 0, rows: [] }),
  } as unknown as Library
  const sync = {
    start: async () => {},
    kick: () => {
      kicks++
    },
    state: () => ({ online: false, lastContact: null, reason: 'offline' }),
    progress: () => null,
    close: async () => {},
  }
  const host = {
    dataFolder: folder,
    secrets: new SealedFileSecrets(join(folder, 'secrets.json'), { memoryKiB: 1024, passes: 1, lanes: 1 }),
    canBrowseFolders: true,
    now: () => now,
  } as unknown as Host
  const sharing = new Sharing({
    storage,
    library,
    events,
    sync,
    now: () => now,
    catalogs: mailCatalogs(resolve(import.meta.dirname, '../../../resources')),
  })
  const seen = seenInSession({
    append: (entry) => storage.audit.append(entry),
    events,
    now: () => now,
    onFailure: (error) => {
      throw error
    },
  })
  services = { host, events, library, sync, storage, session, seen, sharing, pageFailed: () => {} }
  await storage.staff.saveEnrolment(
    {
      relayUrl: 'https://relay.example.org',
      organisation: { organisationId: ids.organisationId, name: 'Sample Hospital' },
      department: { departmentId: ids.departmentId, name: 'Radiology' },
      workstation: { workstationId: ids.workstationId, name: 'CT 1' },
      relayRecipient: 'age1relay',
      organisationRecipient: 'age1organisation',
      demonstration: true,
      policy: {
        validity: {
          default: { kind: 'period', period: { unit: 'month', count: 1 } },
          maximum: null,
          unlimitedOffered: true,
        },
        twoFactor: 'offered',
        sendMail: 'offered',
        rights: ['images-read-report'],
        anonymize: 'offered',
        furtherSharing: 'offered',
        reasons: [],
        defaultLanguage: 'fr',
        timeZone: 'UTC',
        contact: '',
      },
    },
    (['technologist', 'front-desk', 'physician'] as const).map((role) => ({
      staffId: role,
      name: `Sample ${role}`,
      role,
      language: null,
    })),
    {
      at: now.toISOString(),
      action: 'enrol',
      actor: { kind: 'program', id: 'outpost', name: 'Outpost' },
      ...ids,
      subject: ids.workstationId,
      detail: {},
    },
  )
  await storage.directory.put([
    DirectoryEntry.parse({
      recipientId: 'r1',
      kind: 'user',
      familyName: 'Sample',
      givenName: 'Ruth',
      email: 'hidden@example.org',
      mobile: '+32470000001',
    }),
  ])
})
afterEach(async () => {
  await storage.close()
  rmSync(folder, { recursive: true, force: true })
})

const options = () => ({ context: { services } })
async function shareOne(): Promise<string> {
  const shareId = crypto.randomUUID()
  await call(
    procedures.sharing.share,
    {
      shareId,
      selection: { studies: [{ StudyInstanceUID: '1.2.3' as Uid, series: null }] },
      recipients: [{ recipientId: 'r1', star: true }],
      terms: {
        right: 'images-read-report',
        reason: 'Second opinion',
        validity: { kind: 'unlimited' },
        patientAgreed: true,
        urgent: false,
        anonymize: false,
        twoFactor: true,
        sendMail: true,
        furtherSharing: false,
        message: '',
        mailLanguage: null,
      },
    },
    options(),
  )
  return shareId
}

describe('procedures of the workstation', () => {
  it('W8: all but the session’s need a signed-in staff member', async () => {
    const groups = procedures as unknown as Record<string, Record<string, AnyRouter>>
    for (const [group, members] of Object.entries(groups)) {
      if (group === 'session') continue
      for (const [name, procedure] of Object.entries(members)) {
        const input =
          (procedure as { '~orpc': { inputSchema?: unknown } })['~orpc'].inputSchema === undefined ? undefined : {}
        const code = await call(procedure as typeof procedures.outbox.list, input as undefined, options()).then(
          () => 'answered',
          (error: { code: string }) => error.code,
        )
        expect([group, name, code]).toEqual([group, name, 'not-signed-in'])
      }
    }
  })

  it('W8: the first screen knows who may sign in, and nothing of their passwords', async () => {
    const current = await call(procedures.session.current, undefined, options())
    expect(current).toMatchObject({
      staff: null,
      enrolled: true,
      organisation: 'Sample Hospital',
      secrets: { backend: 'file', locked: true, firstUse: true },
      demonstration: true,
    })
    expect(current.known.map((each) => Object.keys(each))).toEqual([0, 1, 2].map(() => ['staffId', 'name', 'role']))
    expect(await call(procedures.session.signInDemonstration, undefined, options())).toMatchObject({
      staffId: 'technologist',
    })
  })

  it('U26: the history of a share keeps each event with its cause and its actor, also after Undo', async () => {
    await call(procedures.session.signIn, { name: 'Sample technologist', password: 'sample password' }, options())
    const shareId = await shareOne()
    const at = (second: number) => `2026-11-21T11:00:0${second}.000Z`
    const feed = (cursor: number, type: 'notified' | 'blocked' | 'unblocked' | 'opened') => ({
      cursor,
      type,
      at: at(cursor),
      shareId,
      recipientId: 'r1',
      reason: null,
    })
    await storage.ledger.applyFeed([feed(1, 'notified'), feed(2, 'blocked')], at(2))
    const admin = { ...(await storage.ledger.shareHead(shareId)).actor, staffId: 'admin', name: 'Sample administrator' }
    await storage.ledger.unblock(shareId, 'r1', admin, at(3))
    await storage.ledger.applyFeed([feed(4, 'unblocked'), feed(5, 'opened')], at(5))
    await call(procedures.shares.withdraw, { shareId }, options())
    const history = await call(procedures.shares.history, { shareId }, options())
    expect(history.map(({ action, actor, recipient }) => [action, actor.name, recipient])).toEqual([
      ['share', 'Sample technologist', null],
      ['notified', 'Outpost', 'Ruth Sample'],
      ['blocked', 'Outpost', 'Ruth Sample'],
      ['unblock', 'Sample administrator', 'Ruth Sample'],
      ['unblocked', 'Outpost', 'Ruth Sample'],
      ['opened', 'Sample', 'Ruth Sample'],
      ['withdraw', 'Sample technologist', null],
    ])
    expect(JSON.stringify(history)).not.toMatch(/SAMPLE-1|Second opinion/)
  })

  it.each(['technologist', 'front-desk', 'physician'] as const)(
    'W8: a %s is refused exactly what the table of roles does not give',
    async (role) => {
      await call(procedures.session.signIn, { name: 'Sample technologist', password: 'sample password' }, options())
      const shareId = await shareOne()
      await call(procedures.session.signIn, { name: `Sample ${role}`, password: 'sample password' }, options())
      const refused = (work: Promise<unknown>) =>
        work.then(
          () => false,
          (error: { code: string }) => error.code === 'not-allowed',
        )
      const [shown] = (await call(procedures.shares.list, {}, options())).rows
      expect(shown?.own).toBe(role === 'technologist')
      expect({
        unblock: await refused(call(procedures.shares.unblock, { shareId, recipientId: 'r1' }, options())),
        audit: await refused(call(procedures.audit.list, {}, options())),
        withdraw: await refused(call(procedures.shares.withdraw, { shareId }, options())),
      }).toEqual({
        unblock: !mayDo(role, 'unblock'),
        audit: !mayDo(role, 'read-audit'),
        withdraw: !mayDo(role, shown?.own ? 'withdraw-own' : 'withdraw-any'),
      })
    },
  )

  it('U3: a contact that is not public never reaches the page', async () => {
    await call(procedures.session.signIn, { name: 'Sample technologist', password: 'sample password' }, options())
    const [found] = await call(procedures.directory.search, { text: 'sam' }, options())
    expect(found).toMatchObject({
      name: 'Ruth Sample',
      email: '',
      mobile: '',
      hasEmail: true,
      hasMobile: true,
      favourite: false,
    })
    await call(procedures.directory.setFavourite, { recipientId: 'r1', favourite: true }, options())
    expect((await call(procedures.directory.favourites, undefined, options())).map((each) => each.recipientId)).toEqual(
      ['r1'],
    )
    await expect(
      call(procedures.directory.setFavourite, { recipientId: 'rx', favourite: true }, options()),
    ).rejects.toMatchObject({ code: 'recipient-unknown' })
  })

  it('W1: a page opens no folder by its path, only by a handle that it was given', async () => {
    await call(procedures.session.signIn, { name: 'Sample technologist', password: 'sample password' }, options())
    const added: string[] = []
    const handles = folderHandles()
    const guarded = {
      ...services,
      host: { ...services.host, handles },
      library: {
        ...services.library,
        addFolder: async (path: string) => {
          added.push(path)
          return { folderId: 'f1' }
        },
      },
    } as unknown as Services
    for (const handle of [folder, '/', '..', ''])
      await expect(
        call(procedures.library.addFolder, { handle }, { context: { services: guarded } }),
      ).rejects.toMatchObject({ code: 'folder-missing' })
    expect(added).toEqual([])
    const handle = handles.give(folder)
    expect(handle).not.toContain(folder)
    await call(procedures.library.addFolder, { handle }, { context: { services: guarded } })
    expect(added).toEqual([folder])
  })

  it('U2: each person has favourites, oldest first, marked in search results, removed by a second click', async () => {
    await storage.directory.put([
      DirectoryEntry.parse({ recipientId: 'a2', kind: 'user', familyName: 'Sample', givenName: 'Anton' }),
    ])
    const listed = async () =>
      (await call(procedures.directory.favourites, undefined, options())).map((each) => each.recipientId)
    const keep = (recipientId: string, favourite: boolean) =>
      call(procedures.directory.setFavourite, { recipientId, favourite }, options())
    await call(procedures.session.signIn, { name: 'Sample technologist', password: 'sample password' }, options())
    await keep('r1', true)
    now = new Date('2026-11-21T10:00:01Z')
    await keep('a2', true)
    expect(await listed()).toEqual(['r1', 'a2'])
    expect(
      (await call(procedures.directory.search, { text: 'sample' }, options())).map((each) => each.favourite),
    ).toEqual([true, true])
    await expect(keep('rx', true)).rejects.toMatchObject({ code: 'recipient-unknown' })
    await call(procedures.session.signIn, { name: 'Sample physician', password: 'sample password' }, options())
    expect(await listed()).toEqual([])
    await call(procedures.session.signIn, { name: 'Sample technologist', password: 'sample password' }, options())
    await keep('r1', false)
    expect(await listed()).toEqual(['a2'])
  })

  it('U26 U8: status, outbox, withdrawing one’s own, and unblocking by the service desk only', async () => {
    await call(procedures.session.signIn, { name: 'Sample technologist', password: 'sample password' }, options())
    const shareId = await shareOne()
    expect(await call(procedures.outbox.list, undefined, options())).toMatchObject([
      { shareId, state: 'held', patient: 'SAMPLE^Patient', recipients: ['Ruth Sample'], bytesTotal: 1000 },
    ])
    // The end of Undo wakes the outbox too, some seconds later, and must not be counted here.
    const before = kicks
    expect(await call(procedures.outbox.act, { shareId, action: 'send-now' }, options())).toMatchObject({
      state: 'queued',
    })
    expect(kicks).toBeGreaterThan(before)
    expect(await call(procedures.connection.state, undefined, options())).toEqual({
      online: false,
      lastContact: null,
      reason: 'offline',
      relayUrl: 'https://relay.example.org',
      waiting: 1,
    })
    await expect(call(procedures.shares.unblock, { shareId, recipientId: 'r1' }, options())).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await call(procedures.session.signIn, { name: 'Sample front-desk', password: 'sample password' }, options())
    await call(procedures.shares.unblock, { shareId, recipientId: 'r1' }, options())
    await expect(call(procedures.shares.withdraw, { shareId }, options())).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await expect(call(procedures.audit.list, {}, options())).rejects.toMatchObject({ code: 'not-allowed' })
    await call(procedures.session.signIn, { name: 'Sample technologist', password: 'sample password' }, options())
    await call(procedures.shares.withdraw, { shareId }, options())
    expect(await call(procedures.shares.list, { state: 'withdrawn' }, options())).toMatchObject({
      total: 1,
      rows: [{ shareId, recipients: [{ state: 'withdrawn' }] }],
    })
    expect((await storage.ledger.commands()).map((command) => [command.kind, command.by])).toEqual([
      ['unblock', 'front-desk'],
      ['withdraw', 'technologist'],
    ])
    const { rows } = await call(procedures.audit.list, { limit: 3 }, options())
    expect(rows.find(({ action }) => action === 'withdraw')).toMatchObject({
      action: 'withdraw',
      actor: 'Sample technologist',
      organisation: 'Sample Hospital',
      department: 'Radiology',
      subject: shareId,
    })
    expect(await call(procedures.audit.verify, undefined, options())).toMatchObject({
      ok: false,
      finding: 'not-compared',
    })
  })

  it('settings are a staff member’s own', async () => {
    await call(procedures.session.signIn, { name: 'Sample technologist', password: 'sample password' }, options())
    expect(await call(procedures.settings.get, undefined, options())).toEqual({
      colorScheme: 'dark',
      language: 'fr',
      glovesMode: false,
    })
    await call(procedures.settings.set, { colorScheme: 'light', language: 'en' }, options())
    expect(await call(procedures.settings.get, undefined, options())).toEqual({
      colorScheme: 'light',
      language: 'en',
      glovesMode: false,
    })
    await call(procedures.session.signIn, { name: 'Sample physician', password: 'sample password' }, options())
    expect(await call(procedures.settings.get, undefined, options())).toMatchObject({ colorScheme: 'dark' })
  })

  it('W9: secrets are unlocked from the page', async () => {
    await call(procedures.session.unlockSecrets, { passphrase: 'sample passphrase' }, options())
    expect((await call(procedures.session.current, undefined, options())).secrets).toEqual({
      backend: 'file',
      locked: false,
      firstUse: false,
    })
  })
})
