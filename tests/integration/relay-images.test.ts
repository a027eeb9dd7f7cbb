import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateSamples } from '../../resources/samples/generate.ts'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { ConfirmRequest } from '../../src-core/contract/relay.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { text } from '../../src-core/dicom/values.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import { startEnrolledRelay, type EnrolledRelay } from '../support/enrolled-relay.ts'
import {
  browser,
  confirmRequest,
  makePackage,
  shownMessages,
  someRecipient,
  type TestRecipient,
  tokenIn,
  uploadPackage,
  type TestFile,
  type TestWorkstation,
} from './relay-support.ts'

interface Sample {
  readonly bytes: Buffer
  readonly study: string
  readonly series: string
  readonly instance: string
  readonly number: number
  readonly report: boolean
}

let testRelay: EnrolledRelay
let station: TestWorkstation
let imaging: Imaging
let volume: Sample[]
let withReport: Sample[]

/** Returns every sample instance, by study. */
async function samples(folder: string): Promise<Sample[][]> {
  await generateSamples(folder)
  const instances: Sample[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    const bytes = await readFile(join(folder, name)).catch(() => null)
    if (bytes === null || bytes.subarray(128, 132).toString() !== 'DICM') continue
    const { dataset } = parseDicom(bytes, { stopAtPixelData: true })
    instances.push({
      bytes,
      study: text(dataset, TAG.StudyInstanceUID),
      series: text(dataset, TAG.SeriesInstanceUID),
      instance: text(dataset, TAG.SOPInstanceUID),
      number: Number(text(dataset, TAG.InstanceNumber)),
      report: text(dataset, TAG.SOPClassUID) === '1.2.840.10008.5.1.4.1.1.104.1',
    })
  }
  return [...Map.groupBy(instances, (instance) => instance.study).values()]
}

const files = (instances: readonly Sample[]): TestFile[] =>
  instances.map(({ bytes, study, series, instance, report }, index) => ({
    path: `DICOM/S0001/I${String(index + 1).padStart(4, '0')}`,
    bytes,
    entry: {
      kind: 'instance',
      StudyInstanceUID: study as Uid,
      SeriesInstanceUID: series as Uid,
      SOPInstanceUID: instance as Uid,
      ...(report && { report }),
    },
  }))

beforeAll(async () => {
  imaging = createImaging()
  testRelay = await startEnrolledRelay({ config: { imaging } })
  station = testRelay.station
  const studies = await samples(join(testRelay.folder, 'samples'))
  volume = studies
    .reduce((largest, study) => (study.length > largest.length ? study : largest))
    .slice(0, 12)
    .reverse()
  withReport = studies.find((study) => study.some((instance) => instance.report))!
})

afterAll(async () => {
  await testRelay.close()
  await imaging.close()
})

const opened = async (instances: readonly Sample[], more: Partial<ConfirmRequest> = {}) =>
  openedPackage(await makePackage(station, files(instances)), more)

async function openedPackage(testPackage: Awaited<ReturnType<typeof makePackage>>, more: Partial<ConfirmRequest>) {
  await uploadPackage(testRelay.fetch, station, testPackage)
  const [grant = someRecipient()] = (more.grants ?? []) as TestRecipient[]
  await station.api.confirm(confirmRequest(testPackage, { ...more, grants: [grant] }))
  const [mail] = await shownMessages(testRelay.fetch, grant.email, 1)
  const page = browser(testRelay.fetch)
  await page.portal.open({ token: tokenIn(mail?.body ?? '') })
  return page
}

const json = async (response: Response): Promise<Record<string, { vr: string; Value?: unknown[] }>[]> =>
  (await response.json()) as never

describe('DICOMweb of a grant', () => {
  it('X6: QIDO-RS and WADO-RS metadata tell the study, its series and its instances in reading order', async () => {
    const page = await opened(volume)
    const { study, series } = volume[0]!
    const [instances, ...others] = await json(await page.get('/dicomweb/studies'))
    expect(others).toEqual([])
    expect(instances).toMatchObject({
      '0020000D': { vr: 'UI', Value: [study] },
      '00201206': { Value: [1] },
      '00201208': { Value: [12] },
    })
    expect(await json(await page.get(`/dicomweb/studies/${study}/series`))).toMatchObject([
      { '0020000E': { Value: [series] }, '00201209': { Value: [12] } },
    ])
    const metadata = await json(await page.get(`/dicomweb/studies/${study}/series/${series}/metadata`))
    const numbers = metadata.map((instance) => instance['00200013']?.Value?.[0])
    expect(numbers).toEqual(volume.map((instance) => instance.number).sort((a, b) => a - b))
    expect(metadata[0]).not.toHaveProperty('7FE00010')
    expect(await json(await page.get('/dicomweb/studies?ModalitiesInStudy=XX'))).toEqual([])
    expect(await json(await page.get(`/dicomweb/studies/${study}/instances?limit=2&offset=1`))).toHaveLength(2)
  })

  it('X6: an instance comes as it was sent, and its frames and thumbnail are served', async () => {
    const page = await opened(volume)
    const sample = volume[3]!
    const root = `/dicomweb/studies/${sample.study}/series/${sample.series}/instances/${sample.instance}`
    const stored = await page.get(root, { accept: 'application/dicom; transfer-syntax=*' })
    expect(Buffer.from(await stored.arrayBuffer()).equals(sample.bytes)).toBe(true)
    const frame = await page.get(`${root}/frames/1`, { accept: 'application/octet-stream' })
    expect(frame.status).toBe(200)
    expect((await frame.arrayBuffer()).byteLength).toBeGreaterThan(10_000)
    const thumbnail = await page.get(`${root}/thumbnail?viewport=64,64`)
    expect(thumbnail.headers.get('content-type')).toBe('image/jpeg')
  })

  it('W17: a whole study that is under way stops with the withdrawal', async () => {
    const testPackage = await makePackage(station, files(volume))
    await uploadPackage(testRelay.fetch, station, testPackage)
    const grant = someRecipient()
    const request = confirmRequest(testPackage, { grants: [grant] })
    await station.api.confirm(request)
    const [mail] = await shownMessages(testRelay.fetch, grant.email, 1)
    const page = browser(testRelay.fetch)
    await page.portal.open({ token: tokenIn(mail?.body ?? '') })
    const response = await page.get(`/dicomweb/studies/${volume[0]!.study}`, {
      accept: 'multipart/related; type="application/dicom"; transfer-syntax=*',
    })
    expect(response.status).toBe(200)
    const reader = response.body!.getReader()
    await reader.read()
    await station.api.withdraw({ shareId: request.shareId, by: 'sample-technologist' })
    await expect(reader.closed).rejects.toThrow()
  })

  it('another study than the granted one, and no cookie at all, get nothing', async () => {
    const page = await opened(volume)
    const otherInstance = withReport[0]!
    expect((await page.get(`/dicomweb/studies/${otherInstance.study}/metadata`)).status).toBe(404)
    expect(
      (
        await page.get(
          `/dicomweb/studies/${otherInstance.study}/series/${otherInstance.series}` +
            `/instances/${otherInstance.instance}`,
          {
            accept: 'application/dicom; transfer-syntax=*',
          },
        )
      ).status,
    ).toBe(404)
    const url = `http://relay.test/portal/grants/${page.opened().grantId}/dicomweb/studies`
    expect((await testRelay.fetch(url)).status).toBe(404)
  })
})

describe('download', () => {
  it('U22: the ZIP holds exactly the instances, byte for byte, with the size told before', async () => {
    const page = await opened(volume)
    const exam = await page.portal.exam()
    const response = await page.get('/download')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect([Number(response.headers.get('content-length')), exam.downloadBytes]).toEqual([bytes.length, bytes.length])
    const zip = join(testRelay.folder, 'download.zip')
    await writeFile(zip, bytes)
    expect(execFileSync('unzip', ['-tqq', zip]).toString()).toBe('')
    const hash = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')
    const inside = volume.map((_each, index) =>
      hash(
        execFileSync('unzip', ['-p', zip, `DICOM/S0001/I${String(index + 1).padStart(4, '0')}`], {
          maxBuffer: 1 << 28,
        }),
      ),
    )
    expect(inside).toEqual(volume.map((instance) => hash(instance.bytes)))
  })

  it('U17: the report of an anonymized share is never there, whatever right was chosen', async () => {
    const report = withReport.find((instance) => instance.report)!
    const open = await opened(withReport)
    expect((await open.portal.exam()).hasReport).toBe(true)
    for (const right of ['images-read-report', 'images-write-report'] as const) {
      const page = await opened(withReport, { anonymized: true, grants: [someRecipient({ right })] })
      const exam = await page.portal.exam()
      expect(exam.hasReport).toBe(false)
      expect(exam.downloadBytes).toBeLessThan((await open.portal.exam()).downloadBytes)
      expect(
        Buffer.from(await (await page.get('/download')).arrayBuffer()).includes(report.bytes.subarray(0, 4096)),
      ).toBe(false)
      expect(
        (
          await page.get(`/dicomweb/studies/${report.study}/series/${report.series}/instances/${report.instance}`, {
            accept: 'application/dicom; transfer-syntax=*',
          })
        ).status,
      ).toBe(404)
    }
  })

  it('U17, U24: an exam counts its images, without report and message, and says nothing of withheld ones', async () => {
    const { study } = withReport[0]!
    const row = {
      StudyInstanceUID: study as Uid,
      PatientName: '',
      PatientID: '',
      PatientBirthDate: '',
      StudyDescription: '',
      StudyDate: '',
      AccessionNumber: '',
    }
    const held = files(withReport).map((file, index) => ({
      ...file,
      entry: { ...file.entry, Modality: withReport[index]!.report ? 'DOC' : 'CR' },
    }))
    const message = {
      path: 'DICOM/S0009/I0001',
      bytes: volume[0]!.bytes,
      entry: { kind: 'instance' as const, StudyInstanceUID: study as Uid, Modality: 'OT', message: true },
    }
    const images = withReport.filter(({ report }) => !report).length
    for (const [anonymized, ModalitiesInStudy] of [
      [false, ['CR', 'DOC']],
      [true, ['CR']],
    ] as const) {
      const page = await openedPackage(await makePackage(station, [...held, message], [row]), { anonymized })
      expect((await page.portal.exam()).studies).toEqual([
        expect.objectContaining({ StudyInstanceUID: study, images, ModalitiesInStudy }),
      ])
    }
  })

  it('X1: while images are looked at, nothing unsealed is written to a disk', async () => {
    const sample = volume[1]!
    const page = await opened(volume)
    await page.get(
      `/dicomweb/studies/${sample.study}/series/${sample.series}/instances/${sample.instance}/frames/1/rendered`,
    )
    const piece = sample.bytes.subarray(sample.bytes.length >> 1, (sample.bytes.length >> 1) + 64)
    for (const folder of ['objects', 'relay']) {
      for (const name of await readdir(join(testRelay.folder, folder), { recursive: true })) {
        const bytes = await readFile(join(testRelay.folder, folder, name)).catch(() => null)
        expect(bytes?.includes(piece) ?? false, name).toBe(false)
      }
    }
  })
})
