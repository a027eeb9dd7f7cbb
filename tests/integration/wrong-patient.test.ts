/**
 * Checks with the real workstation, the real relay and a download that recipients get only what was chosen for them.
 */
import { randomBytes } from 'node:crypto'
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { call } from '@orpc/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { Selection } from '../../src-core/contract/terms.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { text } from '../../src-core/dicom/values.ts'
import { displayName } from '../../src-core/patient/display-name.ts'
import { procedures } from '../../src-main/app/procedures.ts'
import type { Workstation } from '../../src-main/app/workstation.ts'
import { indexFolders } from '../../src-main/library/index-command.ts'
import { uuidUid } from '../../src-main/sharing/prepare.ts'
import { eventually } from '../support/eventually.ts'
import { sampleTerms } from '../support/sample-share.ts'
import { storedFiles } from '../support/stored-files.ts'
import { RELAY_URL, writeSlice, type SliceIds } from '../support/sync-station.ts'
import { signedInWorkstation } from './signed-in-workstation.ts'
import {
  browser,
  codeOfFailure,
  enrolWorkstation,
  everyNoticeSent,
  feedEvents,
  messagesSoFar,
  shownMessages,
  startRelay,
  temporaryFolder,
  tokenIn,
  writeSeed,
  type TestRelay,
  type TestBrowser,
} from './relay-support.ts'

const RECIPIENT_MAIL = 'recipient-01@example.org'
const newUid = (): Uid => uuidUid(crypto.randomUUID()) as Uid

let temporary: Awaited<ReturnType<typeof temporaryFolder>>
let relay: TestRelay
let workstation: Workstation

const relayFetch = ((input: string | URL | Request, init?: RequestInit) =>
  relay.relay.fetch(
    new Request(input, { ...init, ...(init?.body ? { duplex: 'half' } : {}) } as RequestInit),
  )) as typeof fetch
const context = () => ({ context: { services: workstation.services } })

/**
 * The chosen study has two series. The others are another study of the same patient, one of another patient, and one
 * that contains a slice of a different patient.
 */
const studies = { chosen: newUid(), second: newUid(), stranger: newUid(), mixed: newUid() }
const series = { chosen: newUid(), unchosen: newUid() }
const files: Record<'chosen' | 'unchosen' | 'second' | 'stranger' | 'mixed', string[]> = {
  chosen: [],
  unchosen: [],
  second: [],
  stranger: [],
  mixed: [],
}
const STRANGER = { PatientName: 'Stranger^Invented', PatientID: 'STRANGER-1' }

function slices(name: string, count: number, ids: Omit<SliceIds, 'number'>): string[] {
  return Array.from({ length: count }, (_, index) =>
    writeSlice(path.join(temporary.folder, 'files', name), { ...ids, number: index + 1 }),
  )
}
const instanceOf = (file: string): Uid =>
  text(parseDicom(readFileSync(file), { stopAtPixelData: true }).dataset, TAG.SOPInstanceUID) as Uid
const wholeStudy = (StudyInstanceUID: Uid): Selection => ({
  studies: [{ StudyInstanceUID, series: null }],
  leftOut: [],
})

beforeAll(async () => {
  temporary = await temporaryFolder()
  relay = await startRelay(temporary.folder, { publicUrl: RELAY_URL, seed: await writeSeed(temporary.folder) })
  files.chosen = slices('chosen', 4, { study: studies.chosen, series: series.chosen })
  files.unchosen = slices('unchosen', 2, { study: studies.chosen, series: series.unchosen })
  files.second = slices('second', 2, { study: studies.second, series: newUid() })
  files.stranger = slices('stranger', 2, { study: studies.stranger, series: newUid(), ...STRANGER })
  const mixed = newUid()
  files.mixed = [
    ...slices('mixed', 2, { study: studies.mixed, series: mixed }),
    writeSlice(path.join(temporary.folder, 'files', 'mixed'), {
      study: studies.mixed,
      series: mixed,
      number: 3,
      ...STRANGER,
    }),
  ]
  const dataFolder = path.join(temporary.folder, 'workstation')
  mkdirSync(dataFolder)
  await indexFolders(dataFolder, [path.join(temporary.folder, 'files')])
  workstation = await signedInWorkstation(dataFolder, relayFetch)
  await eventually(async () => (await workstation.services.storage.directory.byIds(['sample-01'])).length === 1)
})
afterAll(async () => {
  await workstation.close()
  await relay.close()
  await temporary.remove()
})

function share(
  selection: Selection,
  terms: Partial<ShareTerms> = {},
  confirmedPatients?: string,
): Promise<{ shareId: string }> {
  return call(
    procedures.sharing.share,
    {
      shareId: crypto.randomUUID(),
      selection,
      recipients: [{ recipientId: 'sample-01', star: false }],
      terms: { ...sampleTerms, ...terms },
      confirmedPatients,
    },
    context(),
  )
}
const sendNow = (shareId: string) => call(procedures.outbox.act, { shareId, action: 'send-now' }, context())
const settled = (shareId: string): Promise<{ state: string; reason: string | null }> =>
  eventually(async () => {
    const { state, reason } = await workstation.services.storage.ledger.item(shareId)
    return ['delivered', 'failed', 'cancelled'].includes(state) && { state, reason }
  })
const atRelay = (): string[] =>
  readdirSync(path.join(temporary.folder, 'objects'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted()

async function opened(mails: number): Promise<TestBrowser> {
  const mail = (await shownMessages(relay.fetch, RECIPIENT_MAIL, mails)).toSorted((first, second) =>
    first.body < second.body ? -1 : 1,
  )[0]
  const page = browser(relay.fetch)
  await page.portal.open({ token: tokenIn(mail?.body ?? '') })
  return page
}

describe('what arrives', () => {
  let delivered: string

  it('U1 S4: exactly the selected instances arrive unchanged: one series without one of its images', async () => {
    const [first = '', ...kept] = files.chosen
    const { shareId } = await share({
      studies: [{ StudyInstanceUID: studies.chosen, series: [series.chosen] }],
      leftOut: [instanceOf(first)],
    })
    await sendNow(shareId)
    expect(await settled(shareId)).toEqual({ state: 'delivered', reason: null })
    delivered = shareId
    const page = await opened(1)
    const zip = Buffer.from(await (await page.get('/download')).arrayBuffer())
    const entries = storedFiles(zip)
    const images = new Map(
      [...entries]
        .filter(([name]) => name.startsWith('DICOM/'))
        .map(([, bytes]) => [text(parseDicom(bytes, { stopAtPixelData: true }).dataset, TAG.SOPInstanceUID), bytes]),
    )
    expect([...images.keys()].toSorted()).toEqual(kept.map(instanceOf).toSorted())
    for (const file of kept)
      expect(images.get(instanceOf(file))?.equals(readFileSync(file)), path.basename(file)).toBe(true)
    expect(
      [...entries.keys()].filter((name) => !name.startsWith('DICOM/') && !name.startsWith('PREVIEW/')).toSorted(),
    ).toEqual(['DICOMDIR', 'INDEX.HTM', 'README.TXT'])
    for (const file of [first, ...files.unchosen, ...files.second, ...files.stranger, ...files.mixed])
      expect(zip.includes(instanceOf(file)), path.basename(file)).toBe(false)
    for (const word of [studies.second, studies.stranger, studies.mixed, series.unchosen, 'Stranger', 'STRANGER'])
      expect(zip.includes(word), word).toBe(false)
  })

  it('U1 X6: the recipient’s viewer is told of those alone', async () => {
    const page = await opened(1)
    const list = async (address: string) =>
      (await (await page.get(`/dicomweb${address}`, { accept: 'application/dicom+json' })).json()) as Record<
        string,
        { Value?: unknown[] }
      >[]
    const uids = (rows: Record<string, { Value?: unknown[] }>[], tag: string) =>
      rows.map((row) => row[tag]?.Value?.[0]).toSorted()
    expect(uids(await list('/studies'), '0020000D')).toEqual([studies.chosen])
    expect(uids(await list(`/studies/${studies.chosen}/series`), '0020000E')).toEqual([series.chosen])
    expect(uids(await list(`/studies/${studies.chosen}/series/${series.chosen}/instances`), '00080018')).toEqual(
      files.chosen.slice(1).map(instanceOf).toSorted(),
    )
    for (const [study, file] of [
      [studies.chosen, files.chosen[0]],
      [studies.chosen, files.unchosen[0]],
      [studies.stranger, files.stranger[0]],
    ] as const) {
      const series = text(
        parseDicom(readFileSync(file ?? ''), { stopAtPixelData: true }).dataset,
        TAG.SeriesInstanceUID,
      )
      expect(
        (
          await page.get(`/dicomweb/studies/${study}/series/${series}/instances/${instanceOf(file ?? '')}`, {
            accept: 'application/dicom; transfer-syntax=*',
          })
        ).status,
      ).toBe(404)
    }
  })

  it('W18: a workstation of another organisation, and one that was revoked, see nothing of it', async () => {
    const stranger = await enrolWorkstation(relay.fetch, 'EXAM-PLEC-0001')
    const colleague = await enrolWorkstation(relay.fetch, 'RADI-OLOG-0002')
    const { grantId } = (await opened(1)).opened()
    await relay.relay.administration.revokeWorkstation(colleague.enrolment.workstation.workstationId)
    for (const [other, refusal] of [
      [stranger, 'share-not-found'],
      [colleague, 'revoked'],
    ] as const) {
      expect(await codeOfFailure(other.api.withdraw({ shareId: delivered, by: 'x' }))).toBe(refusal)
      expect(await codeOfFailure(other.api.unblock({ shareId: delivered, recipientId: 'sample-01', by: 'x' }))).toBe(
        refusal,
      )
      expect((await feedEvents(relay.fetch, other)).filter((event) => event.shareId !== null)).toEqual([])
      for (const address of ['download', `dicomweb/studies/${studies.chosen}/metadata`]) {
        const url = `http://relay.test/portal/grants/${grantId}/${address}`
        expect((await relay.fetch(url, { headers: other.headers })).status).toBe(404)
      }
    }
    expect(await codeOfFailure(colleague.api.directory({ after: 0, limit: 1 }))).toBe('revoked')
  })
})

describe('what is refused', () => {
  it('W15: several patients in one selection are refused until confirmed, and nothing of it is stored', async () => {
    const before = (await call(procedures.outbox.list, undefined, context())).length
    const two: Selection = {
      studies: [...wholeStudy(studies.chosen).studies, ...wholeStudy(studies.stranger).studies],
      leftOut: [],
    }
    for (const selection of [two, wholeStudy(studies.mixed)]) {
      expect(
        (await call(procedures.sharing.review, { selection, anonymize: false }, context())).patients
          .map((patient) => patient.PatientID)
          .toSorted(),
      ).toEqual(['SAMPLE-1', 'STRANGER-1'])
      expect(await codeOfFailure(share(selection))).toBe('several-patients')
    }
    // Without that slice the study has one patient.
    const [, , stray = ''] = files.mixed
    expect(
      (
        await call(
          procedures.sharing.review,
          { selection: { ...wholeStudy(studies.mixed), leftOut: [instanceOf(stray)] }, anonymize: false },
          context(),
        )
      ).patients,
    ).toHaveLength(1)
    expect((await call(procedures.outbox.list, undefined, context())).length).toBe(before)
  })

  it('W15: two confirmed patients of one study arrive under both names, each image under its own', async () => {
    const selection = wholeStudy(studies.mixed)
    const { patientsShown } = await call(procedures.sharing.review, { selection, anonymize: false }, context())
    const mails = (await shownMessages(relay.fetch, RECIPIENT_MAIL, 1)).length
    const { shareId } = await share(selection, {}, patientsShown)
    await sendNow(shareId)
    expect(await settled(shareId)).toEqual({ state: 'delivered', reason: null })
    const fresh = (await shownMessages(relay.fetch, RECIPIENT_MAIL, mails + 1)).find(({ body }) =>
      body.includes('I.S.'),
    )
    expect(fresh?.body).toMatch(/P\.S\..*\n.*I\.S\.|I\.S\..*\n.*P\.S\./)
    const page = browser(relay.fetch)
    await page.portal.open({ token: tokenIn(fresh?.body ?? '') })
    const entries = storedFiles(Buffer.from(await (await page.get('/download')).arrayBuffer()))
    const directory = entries.get('DICOMDIR')!.toString('latin1')
    for (const name of ['Sample^Person', 'Stranger^Invented']) expect(directory).toContain(name)
    expect(entries.get('INDEX.HTM')!.toString('utf8')).toContain('Sample, Person; Stranger, Invented')
    const { studies: exams } = await page.portal.exam()
    expect(exams.map(({ PatientName }) => displayName(PatientName))).toEqual(['Sample, Person; Stranger, Invented'])
  })

  it.each<[string, (file: string) => void]>([
    ['has grown', (file) => appendFileSync(file, Buffer.alloc(2))],
    [
      'is another patient’s now, of the same size and time',
      (file) => {
        const { atimeMs, mtimeMs } = statSync(file)
        copyFileSync(
          writeSlice(path.join(temporary.folder, 'elsewhere'), { study: studies.second, series: newUid(), number: 1 }),
          file,
        )
        utimesSync(file, atimeMs / 1000, mtimeMs / 1000)
      },
    ],
  ])('W15: a file that %s between the click and the packing is not sent', async (_what, change) => {
    const study = newUid()
    const before = { mails: (await shownMessages(relay.fetch, RECIPIENT_MAIL, 1)).length, objects: atRelay() }
    const folder = path.join(temporary.folder, 'files', `changing-${randomBytes(4).toString('hex')}`)
    const [file = ''] = [1, 2].map((number) => writeSlice(folder, { study, series: newUid(), number }))
    const [known] = await call(procedures.library.folders, undefined, context())
    await call(procedures.library.rescan, { folderId: known?.folderId ?? '' }, context())
    await eventually(
      async () =>
        (await call(procedures.library.study, { StudyInstanceUID: study }, context()).catch(() => null))?.study
          .instances === 2,
    )
    const { shareId } = await share(wholeStudy(study))
    change(file)
    await sendNow(shareId)
    expect(await settled(shareId)).toEqual({ state: 'failed', reason: 'file-changed' })
    expect(atRelay()).toEqual(before.objects)
    await everyNoticeSent(temporary.folder)
    expect((await messagesSoFar(relay.fetch, RECIPIENT_MAIL)).length).toBe(before.mails)
    expect(readdirSync(path.join(temporary.folder, 'workstation', 'spool'))).toEqual([])
  })
})
