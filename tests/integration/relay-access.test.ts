import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { generateSamples } from '../../resources/samples/generate.ts'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { text } from '../../src-core/dicom/values.ts'
import { mailedToken, startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import {
  browser,
  confirmRequest,
  makePackage,
  queryDatabase,
  someRecipient,
  uploadPackage,
  type TestPackage,
  type TestWorkstation,
  type TestBrowser,
} from './relay-support.ts'

const unsealed = vi.hoisted(() => ({ times: 0 }))
/** Returns the functions of a module with counted calls. */
const counted = vi.hoisted(() => (module: Record<string, unknown>, names: string[]): Record<string, unknown> => {
  const wrapped = { ...module }
  for (const name of names) {
    const unseal = module[name] as (...given: unknown[]) => unknown
    wrapped[name] = (...given: unknown[]) => {
      unsealed.times += 1
      return unseal(...given)
    }
  }
  return wrapped
})
vi.mock('../../src-relay/sealing/sealed-records.ts', async (original) =>
  counted(await original<Record<string, unknown>>(), ['openDetails', 'openContact']),
)
vi.mock('../../src-engine/package/slots.ts', async (original) =>
  counted(await original<Record<string, unknown>>(), ['unwrapAccountSlot']),
)

let testRelay: EnrolledRelay
let station: TestWorkstation
let testPackage: TestPackage
let frame: string
let skewMs = 0

beforeAll(async () => {
  testRelay = await startEnrolledRelay({ config: { now: () => new Date(Date.now() + skewMs) } })
  station = testRelay.station
  const samples = join(testRelay.folder, 'samples')
  await mkdir(samples, { recursive: true })
  await generateSamples(samples)
  const names = (await readdir(samples, { recursive: true })).sort()
  let firstFile: { path: string; bytes: Buffer } | undefined
  for (const name of names) {
    const bytes = await readFile(join(samples, name)).catch(() => null)
    if (bytes !== null && bytes.subarray(128, 132).toString() === 'DICM') firstFile ??= { path: name, bytes }
  }
  const { dataset } = parseDicom(firstFile!.bytes, { stopAtPixelData: true })
  const [study, series, instance] = [TAG.StudyInstanceUID, TAG.SeriesInstanceUID, TAG.SOPInstanceUID].map(
    (tag) => text(dataset, tag) as Uid,
  ) as [Uid, Uid, Uid]
  frame = `/dicomweb/studies/${study}/series/${series}/instances/${instance}/frames/1`
  const entry = {
    kind: 'instance',
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    SOPInstanceUID: instance,
  } as const
  testPackage = await makePackage(station, [{ path: 'DICOM/I0001', bytes: firstFile!.bytes, entry }])
  await uploadPackage(testRelay.fetch, station, testPackage)
})

afterEach(() => vi.restoreAllMocks())

afterAll(async () => {
  await testRelay.close()
})

/** Returns a browser with an open share. */
async function openShare(): Promise<{ page: TestBrowser; shareId: string; token: string }> {
  const grant = someRecipient()
  const { shareId } = await station.api.confirm(confirmRequest(testPackage, { grants: [grant] }))
  const token = await mailedToken(testRelay.fetch, grant.email)
  const page = browser(testRelay.fetch)
  await page.portal.open({ token })
  return { page, shareId, token }
}

async function statusOfFrame(page: TestBrowser): Promise<number> {
  const response = await page.get(frame)
  await response.arrayBuffer()
  return response.status
}

/** Returns the tables that each query of one request names. */
async function tablesOf(request: () => Promise<unknown>): Promise<string[][]> {
  const tables: string[][] = []
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...given: unknown[]
  ) {
    const [config] = given as [string | { text: string }]
    const sql = typeof config === 'string' ? config : config.text
    // The job queue uses the database at the same time, in its own schema.
    if (sql.includes('"portal_session"') || sql.includes('"share_grant"'))
      tables.push([...sql.matchAll(/(?:from|join) "(\w+)"/g)].map((match) => match[1] ?? ''))
    return query.apply(this, given) as never
  })
  await request()
  spy.mockRestore()
  return tables
}

describe('access per request', () => {
  it('W17: a frame costs one query for the state of its grant; unsealed data serves the whole session', async () => {
    const { page } = await openShare()
    expect(await statusOfFrame(page)).toBe(200)
    unsealed.times = 0
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const tables = await tablesOf(async () => expect(await statusOfFrame(page)).toBe(200))
      expect(tables).toEqual([['portal_session', 'share_grant', 'share']])
    }
    expect(unsealed.times).toBe(0)
  })

  it('W17: many frames at once unseal what they need once', async () => {
    const { page } = await openShare()
    unsealed.times = 0
    const statuses = await Promise.all(Array.from({ length: 12 }, () => statusOfFrame(page)))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(unsealed.times).toBe(3)
  })

  it('W17: what was unsealed serves nobody once the share was withdrawn, whether or not it was told', async () => {
    const [informed, silent] = [await openShare(), await openShare()]
    for (const { page } of [informed, silent]) expect(await statusOfFrame(page)).toBe(200)
    await station.api.withdraw({ shareId: informed.shareId, by: 'sample-technologist' })
    await queryDatabase(
      testRelay.folder,
      "UPDATE share SET ended_at = now(), ended_by = 'withdrawn' WHERE share_id = $1",
      [silent.shareId],
    )
    for (const { page } of [informed, silent]) expect(await statusOfFrame(page)).toBe(404)
  })

  it('W17: nor once its session was closed, its recipient was blocked, or it expired', async () => {
    const [closed, blocked, expired] = [await openShare(), await openShare(), await openShare()]
    const cookie = closed.page.cookie()
    for (const { page } of [closed, blocked, expired]) expect(await statusOfFrame(page)).toBe(200)
    await closed.page.portal.close()
    expect((await testRelay.fetch(`http://relay.test${frame}`, { headers: { cookie } })).status).toBe(404)
    await queryDatabase(testRelay.folder, 'UPDATE share_grant SET blocked_at = now() WHERE share_id = $1', [
      blocked.shareId,
    ])
    expect(await statusOfFrame(blocked.page)).toBe(403)
    await queryDatabase(testRelay.folder, "UPDATE share SET expires_at = now() - interval '1 s' WHERE share_id = $1", [
      expired.shareId,
    ])
    expect(await statusOfFrame(expired.page)).toBe(404)
    expect(await statusOfFrame((await openShare()).page)).toBe(200)
  })

  it('W17: a session that was left alone is over, also for what it had unsealed', async () => {
    const { page } = await openShare()
    expect(await statusOfFrame(page)).toBe(200)
    skewMs += 31 * 60_000
    expect(await statusOfFrame(page)).toBe(401)
  })
})
