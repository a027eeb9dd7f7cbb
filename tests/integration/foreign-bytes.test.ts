/** What leaves with compressed pixels: everything a decoder needs, and nothing else. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { foreignBytesTrial } from '../support/foreign-bytes-trial.ts'
import { hasForeignDecoders } from '../support/foreign-pixels.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')
/** Of each transfer syntax, in a normal run; npm run faults takes all. */
const FILES = 2
const MOST_BYTES = 300_000

/** Compressed files by transfer syntax, the smallest first. */
function compressedFiles(): Map<string, string[]> {
  const found = new Map<string, { file: string; size: number }[]>()
  for (const entry of readdirSync(corpus, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    if (!entry.isFile() || file.includes(`${path.sep}reference${path.sep}`)) continue
    const { size } = statSync(file)
    if (size > MOST_BYTES) continue
    try {
      const { dataset, TransferSyntaxUID } = parseDicom(readFileSync(file))
      if (!dataset.elements.get(TAG.PixelData)?.fragments) continue
      const same = found.get(TransferSyntaxUID) ?? []
      found.set(TransferSyntaxUID, [...same, { file, size }])
    } catch {
      // Not every file of the corpus can be read.
    }
  }
  return new Map(
    [...found].map(([syntax, files]) => [syntax, files.sort((a, b) => a.size - b.size).map(({ file }) => file)]),
  )
}

describe.skipIf(!existsSync(corpus) || !hasForeignDecoders)('D5: foreign bytes in compressed pixels', () => {
  const work = mkdtempSync(path.join(tmpdir(), 'foreign-bytes-'))
  afterAll(() => rmSync(work, { recursive: true }))

  it('D5: bytes that no decoder needs leave with no frame, and another decoder sees the same pixels', () => {
    const whole = process.env['OUTPOST_FAULTS'] === 'foreign-bytes'
    const files = [...compressedFiles().values()].flatMap((each) => (whole ? each : each.slice(0, FILES)))
    const report = foreignBytesTrial(files, work)
    console.log(JSON.stringify({ ...report, places: [...report.places].map(([k, v]) => [k, v.size]) }, null, 1))
    expect(report.survivors).toEqual([])
    expect(report.differing).toEqual([])
  })
})
