/**
 * Tests compressed images that can leave only after they are decoded and compressed again: the command `deidentify` and
 * an anonymized share make the same copy (D5).
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { patientOfDataset } from '../../src-core/patient/patient-of-dataset.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { anonymousPatients } from '../../src-main/imaging/anonymous-patients.ts'
import { deidentifyFiles, type DeidentifyOutcome } from '../../src-main/imaging/deidentify-command.ts'
import { pseudonyms } from '../../src-main/imaging/uid-map.ts'
import { prepareInstance } from '../../src-main/sharing/prepare-instance.ts'
import type { SignOff } from '../../src-main/storage/ledger/sign-offs.ts'
import { encoded, type OddElement } from '../support/dicom-bytes.ts'
import { codestreams, pictureElements } from '../support/picture-sources.ts'
import { selectedInstance } from '../support/selected-instances.ts'

const workFolder = mkdtempSync(path.join(tmpdir(), 'outpost-decoded-copies-'))
const keys = pseudonyms(new Uint8Array(32).fill(7))
const imaging = createImaging({ concurrency: 1 })
afterAll(async () => {
  await imaging.close()
  rmSync(workFolder, { recursive: true })
})

type Paint = typeof imaging.paintFrame
function command(input: string, out: string, { allowPixels = true, paint = imaging.paintFrame as Paint } = {}) {
  const inputs = [input]
  return deidentifyFiles({ inputs, out, options: [], allowPixels, pseudonyms: keys, paint, now: () => 0 })
}

/** Returns the copy in an anonymized share of an image that a person has signed off. */
async function sharedCopy(file: string): Promise<Buffer> {
  const prepared = await prepareInstance(selectedInstance(file), {
    ...anonymousPatients(keys)(patientOfDataset(parseDicom(readFileSync(file)).dataset)),
    mapUid: keys.mapUid,
    options: new Set(),
    signOff: { regions: [] as SignOff['regions'] } as SignOff,
    paint: imaging.paintFrame,
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of prepared.content()) chunks.push(chunk)
  await prepared.close()
  return Buffer.concat(chunks)
}
const writtenFile = (out: string): string =>
  path.join(
    out,
    readdirSync(out, { recursive: true })
      .map(String)
      .find((name) => name.endsWith('.dcm'))!,
  )

/** Bits 12 to 15 of each sample contain an overlay, as old devices stored it (retired, PS3.3 C.9.2). */
const OVERLAY_IN_PIXELS: readonly OddElement[] = [
  { tag: 0x60000100, vr: 'US', value: [16] },
  { tag: 0x60000102, vr: 'US', value: [12] },
]
const TWELVE_BITS: Readonly<Record<number, number>> = { 0x00280101: 12, 0x00280102: 11 }

describe('D5: the command and a share make the same copy', () => {
  const files: string[] = []
  beforeAll(async () => {
    for (const [syntax, codestream] of await codestreams()) {
      const plain = pictureElements(16, [codestream], files.length + 1, false)
      const overlaid = [...plain, ...OVERLAY_IN_PIXELS]
        .map((element) => (element.tag in TWELVE_BITS ? { ...element, value: [TWELVE_BITS[element.tag]!] } : element))
        .toSorted((first, second) => first.tag - second.tag)
      for (const [kind, elements] of Object.entries({ plain, overlaid })) {
        const file = path.join(workFolder, 'in', `${syntax} ${kind}.dcm`)
        mkdirSync(path.dirname(file), { recursive: true })
        writeFileSync(file, encoded(syntax, elements))
        files.push(file)
      }
    }
  })

  it('D5: of every compressed syntax, with and without an overlay in the samples', async () => {
    const differing: string[] = []
    for (const [index, file] of files.entries()) {
      const out = path.join(workFolder, 'out', String(index))
      const shared = await sharedCopy(file).catch((error: { code: string }) => error.code)
      const outcome: DeidentifyOutcome = await command(file, out)
      const written = outcome.written === 1 ? readFileSync(writtenFile(out)) : outcome.refused[0]!.code
      const same = Buffer.isBuffer(written) && Buffer.isBuffer(shared) ? written.equals(shared) : written === shared
      if (!same || !Buffer.isBuffer(shared))
        differing.push(`${path.basename(file)}: ${String(outcome.refused[0]?.code)}`)
    }
    expect(files).toHaveLength(22)
    expect(differing).toEqual([])
  })

  it('D5: without a look nothing is decoded, and the reason is the look', async () => {
    const paint = () => Promise.reject(new Error('nothing is decoded'))
    const { refused } = await command(path.join(workFolder, 'in'), path.join(workFolder, 'unlooked'), {
      allowPixels: false,
      paint,
    })
    expect(refused.map(({ code }) => code)).toEqual(files.map(() => 'pixel-review-required'))
  })

  it('D5: a file that changes while it is decoded is named, and not written with the earlier header', async () => {
    const file = files.find((candidate) => candidate.includes('.4.110 plain'))!
    const paint: Paint = async (source, request, options) => {
      const painted = await imaging.paintFrame(source, request, options)
      const { atimeMs, mtimeMs } = statSync(file)
      utimesSync(file, atimeMs / 1000, mtimeMs / 1000 + 5)
      return painted
    }
    const { refused, written } = await command(file, path.join(workFolder, 'changed'), { paint })
    expect([written, refused]).toEqual([0, [{ path: file, code: 'file-changed' }]])
  })
})
