/** Tests the pixel review from the dialog's procedures to the package; independent decoders read the result. */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateSamples } from '../../resources/samples/generate.ts'
import type { PixelRegion } from '../../src-core/contract/deidentification.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { number, text } from '../../src-core/dicom/values.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { openSealedBytes } from '../../src-engine/package/open-sealed.ts'
import { openIdentity } from '../../src-engine/package/slots.ts'
import { createEvents } from '../../src-main/app/events.ts'
import { gateFindings, stateOf, type GateFinding } from '../../src-main/storage/selections/gate-findings.ts'
import { PixelReview } from '../../src-main/sharing/pixel-review.ts'
import { preparePackage } from '../../src-main/sharing/prepare.ts'
import { prepareInstance } from '../../src-main/sharing/prepare-instance.ts'
import type { SelectedInstance } from '../../src-main/ports/records.ts'
import type { SignedIn } from '../../src-main/staff/session.ts'
import { openLedgerToRead } from '../../src-main/storage/ledger/ledger-database.ts'
import { latestSignOffs } from '../../src-main/storage/ledger/sign-offs.ts'
import { openStorage, type Storage } from '../../src-main/storage/open-storage.ts'
import { samplePrepare, sampleShare } from '../support/sample-share.ts'
import { selectedInstance, selectedInstances } from '../support/selected-instances.ts'

const withTools = it.skipIf(
  !['dcmj2pnm', 'dcmdump', 'gdcmconv', 'unzip'].every((tool) => existsSync(`/usr/bin/${tool}`)),
)
const folder = mkdtempSync(path.join(tmpdir(), 'outpost-look-'))
const imaging = createImaging({ concurrency: 1 })
const who = {
  actor: { staffId: 'staff-1', name: 'Sample Looker', organisationId: 'o', departmentId: 'd', workstationId: 'w' },
} as SignedIn
let storage: Storage
let files: SelectedInstance[] = []
beforeAll(async () => {
  await generateSamples(path.join(folder, 'samples'))
  storage = await openStorage({
    entry: new URL('../../src-main/storage/worker.ts', import.meta.url),
    dataFolder: path.join(folder, 'data'),
  })
  files = selectedInstances(path.join(folder, 'samples')).filter(({ Modality }) => Modality === 'US')
})
afterAll(async () => {
  await imaging.close()
  await storage.close()
  rmSync(folder, { recursive: true })
})

const lookOver = (instances: () => readonly SelectedInstance[]): PixelReview =>
  new PixelReview({
    storage,
    events: createEvents(),
    now: () => new Date('2026-11-21T10:00:00.000Z'),
    library: { selected: async () => ({ instances: [...instances()], arriving: false }) },
  })
function judge(instances: readonly SelectedInstance[]): GateFinding[] {
  const ledger = openLedgerToRead(path.join(folder, 'data'))
  try {
    return gateFindings(instances, {}, (states) => latestSignOffs(ledger, states))
  } finally {
    ledger.close()
  }
}
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const context = () =>
  samplePrepare(folder, { imaging, signOffs: (instances) => storage.signOffs.of(instances.map(stateOf)) })

async function lookAndSign(review: PixelReview, regions?: PixelRegion[]): Promise<PixelRegion[]> {
  const [first] = files
  const series = { StudyInstanceUID: first!.StudyInstanceUID, SeriesInstanceUID: first!.SeriesInstanceUID }
  const { images, proposals } = await review.requestReview(
    series,
    files.map(({ SOPInstanceUID }) => SOPInstanceUID),
  )
  await review.signOff(
    series,
    regions ?? proposals,
    images.map(({ SOPInstanceUID, content, NumberOfFrames }) => ({
      SOPInstanceUID,
      content,
      framesSeen: range(NumberOfFrames),
    })),
    who,
  )
  return regions ?? proposals
}

describe('looking and signing off', () => {
  it('D5: the area outside ultrasound regions is proposed; nothing leaves before every frame was seen', async () => {
    const review = lookOver(() => files)
    const [first] = files
    const series = { StudyInstanceUID: first!.StudyInstanceUID, SeriesInstanceUID: first!.SeriesInstanceUID }
    const { images, proposals, proposedBy } = await review.requestReview(series, [first!.SOPInstanceUID])
    // The regions of the sample are rows 36 to 447 of 480, in every column.
    expect([proposedBy, proposals]).toEqual([
      'ultrasound',
      [
        { x: 0, y: 0, width: 640, height: 36 },
        { x: 0, y: 448, width: 640, height: 32 },
      ],
    ])
    expect(images[0]).toMatchObject({ NumberOfFrames: 24, Rows: 480, Columns: 640, code: null })
    const signed = { SOPInstanceUID: first!.SOPInstanceUID, content: images[0]!.content, framesSeen: range(23) }
    await expect(review.signOff(series, proposals, [signed], who)).rejects.toMatchObject({
      code: 'frames-not-reviewed',
      detail: { frame: 24 },
    })
    await expect(
      review.signOff(series, proposals, [{ ...signed, framesSeen: range(24), content: 'another state' }], who),
    ).rejects.toMatchObject({ code: 'file-changed' })
    expect(judge(files).map(({ code, signOff }) => [code, signOff])).toEqual(
      files.map(() => ['burned-in-annotation', null]),
    )
    await expect(
      preparePackage(sampleShare(files, { anonymize: true }), (await context()).context),
    ).rejects.toMatchObject({ code: 'burned-in-annotation' })
  })

  withTools(
    'D5: what is signed off leaves with its regions black in every frame, by the eyes of another decoder',
    async () => {
      const review = lookOver(() => files)
      const regions = await lookAndSign(review)
      expect(judge(files).map(({ signOff }) => signOff?.staffName)).toEqual(files.map(() => 'Sample Looker'))
      const { rows } = await storage.audit.list(0, 1)
      expect(rows[0]?.entry).toMatchObject({
        action: 'sign-off',
        actor: { id: 'staff-1' },
        subject: files[0]!.SeriesInstanceUID,
        detail: { regions, instances: files.map(({ SOPInstanceUID }) => SOPInstanceUID) },
      })

      const prepareContext = await context()
      const record = await preparePackage(sampleShare(files, { anonymize: true }), prepareContext.context)
      const identity = await openIdentity(
        Buffer.from(record.ownerSlot, 'base64url'),
        prepareContext.workstation.identity,
      )
      const zip = Buffer.from(
        await openSealedBytes(readFileSync(prepareContext.context.spool.partPath(record.packageId, 'images')), {
          identity,
        }),
      )
      const to = path.join(folder, 'package')
      writeFileSync(`${to}.zip`, zip)
      execFileSync('unzip', ['-qq', `${to}.zip`, '-d', to])
      const sent = path.join(to, 'DICOM/S0001/I0001')
      // The pixels are compressed again without loss, so the file is far smaller than they are.
      expect(statSync(sent).size).toBeLessThan((24 * 640 * 480 * 3) / 3)
      const before = frames(files[0]!.path, 'before')
      const after = frames(sent, 'after')
      expect([before.length, after.length]).toEqual([24, 24])
      for (const [index, frame] of after.entries()) {
        let painted = 0
        let away = 0
        const source = before[index]!
        const [top, bottom] = [36 * 640 * 3, 448 * 640 * 3]
        for (let at = 0; at < 480 * 640 * 3; at++)
          if (at < top || at >= bottom) painted += frame[at] === 0 ? 0 : 1
          // Two decoders of a lossy JPEG may round differently, but show the same picture.
          else away = Math.max(away, Math.abs(frame[at]! - source[at]!))
        expect([painted, away <= 8]).toEqual([0, true])
      }
      expect(
        before[0]!.subarray(0, 640 * 36 * 3).some((value) => value > 100),
        'the name was there',
      ).toBe(true)
      // The preview in the package shows the redacted image, not the original.
      const [preview] = readdirSync(path.join(to, 'PREVIEW/S0001'))
      const picture = await (await import('sharp'))
        .default(path.join(to, 'PREVIEW/S0001', preview!))
        .raw()
        .toBuffer({ resolveWithObject: true })
      expect(
        Math.max(
          ...picture.data.subarray(
            0,
            Math.floor((30 * picture.info.height) / 480) * picture.info.width * picture.info.channels,
          ),
        ),
      ).toBeLessThan(24)
    },
  )

  it('D5: a changed file needs a new look, at the desk and when the package is made', async () => {
    const [first] = files
    const { mtimeMs } = statSync(first!.path)
    utimesSync(first!.path, mtimeMs / 1000 + 60, mtimeMs / 1000 + 60)
    const changed = files.map((file) => (file === first ? selectedInstance(first.path) : file))
    const review = lookOver(() => changed)
    expect(judge(changed)[0]).toMatchObject({ code: 'burned-in-annotation', signOff: null })
    await expect(
      preparePackage(sampleShare(changed, { anonymize: true }), (await context()).context),
    ).rejects.toMatchObject({ code: 'burned-in-annotation' })
    utimesSync(first!.path, mtimeMs / 1000, mtimeMs / 1000)
    // The regions that were drawn before are proposed for the series.
    const { proposedBy } = await review.requestReview(
      { StudyInstanceUID: first!.StudyInstanceUID, SeriesInstanceUID: first!.SeriesInstanceUID },
      [first!.SOPInstanceUID],
    )
    expect(proposedBy).toBe('earlier')
  })

  it('D6: documents cannot be signed off, even by who has seen them', async () => {
    const [report] = selectedInstances(path.join(folder, 'samples')).filter(({ kind }) => kind === 'report')
    const review = lookOver(() => [report!])
    const series = { StudyInstanceUID: report!.StudyInstanceUID, SeriesInstanceUID: report!.SeriesInstanceUID }
    await expect(review.requestReview(series, [report!.SOPInstanceUID])).rejects.toMatchObject({
      code: 'encapsulated-document',
    })
    // A sign-off that was added to the ledger in another way does not lift the gate either.
    await storage.signOffs.save(
      {
        ...series,
        at: '2026-11-21T10:00:00.000Z',
        staffId: 's',
        staffName: 'S',
        regions: [],
        instances: [stateOf(report!)],
      },
      {
        at: '2026-11-21T10:00:00.000Z',
        actor: { kind: 'program', id: 'outpost', name: 'Outpost' },
        organisationId: 'o',
        departmentId: 'd',
        workstationId: 'w',
        action: 'sign-off',
        subject: 'x',
        detail: {},
      },
    )
    expect(judge([report!])).toMatchObject([{ code: 'encapsulated-document', signOff: null }])
    await expect(
      preparePackage(sampleShare([report!], { anonymize: true }), (await context()).context),
    ).rejects.toMatchObject({ code: 'encapsulated-document' })
  })
})

it('D5: a file that changes while its pixels are decoded does not leave under the header that was read', async () => {
  const copy = path.join(folder, 'changing.dcm')
  copyFileSync(files[0]!.path, copy)
  const instance = selectedInstance(copy)
  const prepared = prepareInstance(instance, {
    patientName: 'Anonymous^1',
    patientId: 'A',
    mapUid: (uid) => `2.25.${uid.length}`,
    shiftDays: 0,
    options: new Set(),
    signOff: {
      at: '2026-11-21T10:00:00.000Z',
      staffId: 's',
      staffName: 'S',
      regions: [{ x: 0, y: 0, width: 5, height: 5 }],
    },
    paint: (source, request) => {
      utimesSync(copy, instance.mtimeMs / 1000 + 9, instance.mtimeMs / 1000 + 9)
      return imaging.paintFrame(source, request)
    },
  })
  await expect(prepared).rejects.toMatchObject({ code: 'file-changed' })
})

/** Returns every frame in RGB, decoded by DCMTK; GDCM decompresses JPEG 2000 first. */
function frames(file: string, name: string): Uint8Array[] {
  const to = path.join(folder, `frames-${name}`)
  mkdirSync(to, { recursive: true })
  const native = path.join(folder, `native-${name}.dcm`)
  execFileSync('gdcmconv', ['--raw', file, native])
  execFileSync('dcmj2pnm', ['--write-raw-pnm', '--all-frames', native, path.join(to, 'frame')])
  const pictures = readdirSync(to).toSorted(
    (a, b) => Number(/\.(\d+)\./.exec(a)?.[1]) - Number(/\.(\d+)\./.exec(b)?.[1]),
  )
  return pictures.map((picture) => readFileSync(path.join(to, picture)).subarray(-640 * 480 * 3))
}

/** Returns the native pixel data that GDCM decodes and DCMTK extracts. */
function rawPixels(file: string, name: string): Buffer {
  const to = path.join(folder, `raw-${name}`)
  mkdirSync(to, { recursive: true })
  execFileSync('gdcmconv', ['--raw', file, path.join(to, 'native.dcm')])
  execFileSync('dcmdump', ['-q', '+W', to, path.join(to, 'native.dcm')])
  return readFileSync(path.join(to, readdirSync(to).find((entry) => entry.endsWith('.raw'))!))
}

const codecs = path.resolve(import.meta.dirname, '../../../shared/dicom/synth/codecs')
const lossless = [
  'rle_rgb.dcm',
  'rle_3frames_12bit.dcm',
  'jpegls_80_3frames.dcm',
  'j2k_90_signed16.dcm',
  'jpeg_lossless_70_signed16.dcm',
  'jpeg_lossless_70_rgb.dcm',
  'bigendian_3frames.dcm',
  'deflated_3frames.dcm',
].filter((file) => existsSync(path.join(codecs, file)))
describe.skipIf(lossless.length === 0)('lossless pixels of every kind', () => {
  withTools.each(lossless)(
    'D5: %s is black where it was marked and bit-identical elsewhere, as GDCM and DCMTK read it',
    async (name) => {
      const copy = path.join(folder, name)
      copyFileSync(path.join(codecs, name), copy)
      const instance = selectedInstance(copy)
      const regions = [{ x: 3, y: 2, width: 10, height: 5 }]
      const prepared = await prepareInstance(instance, {
        patientName: 'Anonymous^1',
        patientId: 'A',
        mapUid: (uid) => `2.25.${uid.length}`,
        shiftDays: 0,
        options: new Set(),
        paint: imaging.paintFrame,
        signOff: { at: '2026-11-21T10:00:00.000Z', staffId: 's', staffName: 'S', regions },
      })
      const chunks: Uint8Array[] = []
      for await (const chunk of prepared.content()) chunks.push(chunk)
      await prepared.close()
      const sent = path.join(folder, `sent-${name}`)
      writeFileSync(sent, Buffer.concat(chunks))
      const { dataset } = parseDicom(readFileSync(sent))
      expect(text(dataset, TAG.BurnedInAnnotation)).toBe('NO')
      const [before, after] = [rawPixels(copy, `${name}-before`), rawPixels(sent, `${name}-after`)]
      expect(after.length).toBe(before.length)
      const columns = number(dataset, TAG.Columns)!
      const rows = number(dataset, TAG.Rows)!
      const size = (number(dataset, TAG.BitsAllocated)! / 8) * number(dataset, TAG.SamplesPerPixel)!
      const inside = new Set<string>()
      let differing = 0
      for (let pixel = 0; pixel < Math.floor(after.length / size); pixel++) {
        const [x, y] = [pixel % columns, Math.floor(pixel / columns) % rows]
        const cell = after.subarray(pixel * size, (pixel + 1) * size)
        if (x >= 3 && x < 13 && y >= 2 && y < 7) inside.add(cell.toString('hex'))
        else if (!cell.equals(before.subarray(pixel * size, (pixel + 1) * size))) differing++
      }
      expect(differing).toBe(0)
      expect(inside.size).toBeGreaterThan(0)
      expect(inside.size).toBeLessThanOrEqual(number(dataset, TAG.NumberOfFrames) ?? 1)
    },
  )
})
