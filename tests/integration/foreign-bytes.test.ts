/** Checks that compressed pixels leave with everything that a decoder needs, and nothing else. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compressedFiles, foreignBytesTrial } from '../support/foreign-bytes-trial.ts'
import { hasForeignDecoders } from '../support/foreign-pixels.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')
/** The number of files of each transfer syntax; npm run faults takes all. */
const FILES = 2
const MAX_BYTES = 300_000

describe.skipIf(!existsSync(corpus) || !hasForeignDecoders)('D5: foreign bytes in compressed pixels', () => {
  const workFolder = mkdtempSync(path.join(tmpdir(), 'foreign-bytes-'))
  afterAll(() => rmSync(workFolder, { recursive: true }))

  it('D5: bytes that no decoder needs leave with no frame, and another decoder sees the same pixels', () => {
    const files = [...compressedFiles(corpus, MAX_BYTES).values()].flatMap((each) => each.slice(0, FILES))
    const report = foreignBytesTrial(files, workFolder)
    expect(report.survivors).toEqual([])
    expect(report.differing).toEqual([])
    // A fill byte before the end makes the bytes after the data look like an invalid marker, so the file is refused.
    expect(report.refused.filter((name) => !name.endsWith(': bytes at the end of the scan'))).toEqual([])
    expect(report.written).toBeGreaterThan(300)
    expect(report.compared).toBeGreaterThan(15)
    for (const [syntax, minimum] of [
      ['4.50', 20],
      ['4.51', 19],
      ['4.55', 20],
      ['4.57', 19],
      ['4.70', 20],
      ['4.80', 18],
      ['4.90', 17],
      ['4.91', 17],
      ['4.201', 17],
      ['5', 8],
    ] as const)
      expect(report.places.get(`1.2.840.10008.1.2.${syntax}`)?.size, syntax).toBeGreaterThanOrEqual(minimum)
  })
})
