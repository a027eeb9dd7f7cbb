import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeOf } from '../../src-core/contract/errors.ts'
import { deidentifyInstance } from '../../src-core/deidentify/deidentify.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { runTask, type Task } from '../../src-engine/decode-process/task.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import type { InstanceSource } from '../../src-engine/imaging.ts'
import { HeadReader } from '../../src-main/library/read-head.ts'
import { shareOf } from '../support/share.ts'
import { ODD_KINDS, oddFiles, SECRET, type OddKind } from '../support/odd-files.ts'

/** The number of files of each of eight kinds. */
const COUNT = shareOf(40, 10)

const RIGHT: Readonly<Record<OddKind, string>> = {
  lutDescriptor: 'W3: the descriptor of a LUT counts unsigned, whatever its VR',
  emptyLut: 'W3: a LUT item that holds no table is as if absent',
  jpegColor: 'W3: the marks of a JPEG go before its label: JFIF, Adobe, components R, G and B',
  frameNumber: 'W3: a Number of Frames that is no count is one frame',
  damagedVr: 'W3: an element whose VR is not two capitals is read over by its two bytes of length',
  doubled:
    'W3, D1: of an element that comes twice the last before the pixels stands, and de-identification leaves neither',
  secondMeta: 'W3, D1: a second File Meta Information says nothing, and none of it is left by de-identification',
  underNative: 'W3: encapsulated pixel data under the name of an uncompressed syntax are decoded by what they are',
}

let folder: string
const reader = new HeadReader()

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'outpost-odd-'))
})
afterAll(() => rm(folder, { recursive: true }))

const run = (task: Task): Promise<unknown> =>
  runTask(task, () => undefined).then(
    (result) => ('bytes' in result ? Buffer.from(result.bytes).toString('base64') : result),
    (error: unknown) => codeOf(error),
  )

/** Returns what index, inspect and render say, without the description that the file has of itself. */
async function readResults(bytes: Uint8Array): Promise<object> {
  const file = path.join(folder, 'file.dcm')
  await writeFile(file, bytes)
  const { code } = reader.read(file)
  const index = {
    code,
    PatientName: reader.text('PatientName'),
    PatientID: reader.text('PatientID'),
    StudyDescription: reader.text('StudyDescription'),
    frames: reader.frames(),
    Rows: reader.unsigned('Rows'),
  }
  const source: InstanceSource = { bytes }
  const inspection = (await run({ kind: 'inspect', source, pixels: true })) as Record<string, unknown>
  const picture = await run({ kind: 'render', source, request: { frame: 1, format: 'png' } })
  return { index, inspection: { ...inspection, TransferSyntaxUID: '', PhotometricInterpretation: '' }, picture }
}

function deidentified(bytes: Uint8Array): Uint8Array | string {
  try {
    const file = parseDicom(bytes, { inflate: inflateBounded })
    const { chunks } = deidentifyInstance(file, {
      patientName: 'Anonymous^1',
      patientId: 'ANON-1',
      mapUid: (uid) => `2.25.${[...uid].reduce((sum, letter) => sum * 31n + BigInt(letter.charCodeAt(0)), 7n)}`,
      shiftDays: -30,
      options: new Set(['cleanDescriptors']),
      pixelsReviewed: true,
    })
    return Buffer.concat(chunks)
  } catch (error) {
    return codeOf(error)
  }
}

describe('files as some writers make them', () => {
  it.each(ODD_KINDS.map((kind) => ({ kind, right: RIGHT[kind] })))('$right', async ({ kind }) => {
    const faults: string[] = []
    for (const { name, bytes, twin } of await oddFiles(kind, COUNT)) {
      const before = Buffer.from(bytes)
      const [results, expected] = [await readResults(bytes), await readResults(twin)]
      if (JSON.stringify(results) !== JSON.stringify(expected)) faults.push(`${name}: read as ${short(results)}`)
      if (!/"code":null.*"code":null/.test(JSON.stringify(expected))) faults.push(`${name}: twin ${short(expected)}`)
      const [left, leftOfTwin] = [deidentified(Buffer.from(bytes)), deidentified(twin)]
      if (typeof left === 'string' || typeof leftOfTwin === 'string') {
        // JPEG XL can leave only after it was decoded and compressed again, which only a share does.
        const refused = name.includes('1.2.840.10008.1.2.4.110') && left === 'cannot-deidentify' && left === leftOfTwin
        if (!refused) faults.push(`${name}: ${left}, twin ${leftOfTwin}`)
      } else {
        if (Buffer.from(left).includes(SECRET)) faults.push(`${name}: what identifies was left`)
        if (JSON.stringify(await readResults(left)) !== JSON.stringify(await readResults(leftOfTwin)))
          faults.push(`${name}: de-identified as ${short(await readResults(left))}`)
      }
      if (Buffer.compare(before, bytes) !== 0) faults.push(`${name}: the source was written to`)
    }
    expect(faults).toEqual([])
  })
})

/** Removes the picture's bytes from a result, so that the test's message stays readable. */
function short(results: object): string {
  return JSON.stringify({ ...results, picture: String((results as { picture: string }).picture).slice(0, 24) })
}
