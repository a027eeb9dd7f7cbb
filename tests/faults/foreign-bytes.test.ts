/** Every compressed file of the corpus, with bytes that no decoder needs at every place (tests/integration has a share). */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { compressedFiles, foreignBytesTrial } from '../support/foreign-bytes-trial.ts'
import { hasForeignDecoders } from '../support/foreign-pixels.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')

it.skipIf(!existsSync(corpus) || !hasForeignDecoders)(
  'D5: of no compressed file do foreign bytes leave, and another decoder sees the same pixels',
  // Some 200 files in 20 variants each, read by two other programs.
  { timeout: 3_600_000 },
  () => {
    for (const files of compressedFiles(corpus, 10_000_000).values()) {
      const work = mkdtempSync(path.join(tmpdir(), 'foreign-bytes-'))
      const report = foreignBytesTrial(files, work)
      rmSync(work, { recursive: true })
      expect(report.survivors).toEqual([])
      expect(report.differing).toEqual([])
    }
  },
)
