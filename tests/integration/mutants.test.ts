/** Runs a share of the damaged copies of the reference corpus; `npm run faults -- mutants` runs a hundred thousand. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { runMutants } from '../support/mutants.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')

describe.skipIf(!existsSync(path.join(corpus, 'CATALOG.tsv')))('damaged files', () => {
  const imaging = createImaging()
  afterAll(() => imaging.close())

  it('W1 W3 W5: 2,000 mutants of the corpus are handled or refused with a code; none crashes or hangs', async () => {
    const report = await runMutants({ folder: corpus, from: 0, count: 2_000, imaging, renderEvery: 4 })
    expect(report.crashes).toEqual([])
    expect(report.hangs).toEqual([])
    expect(report.mutants).toBe(2_000)
    // Mutants must both succeed and fail, otherwise the test proves little.
    for (const work of ['read', 'list', 'de-identify', 'render'])
      expect(report.outcomes.get(`${work} done`) ?? 0, work).toBeGreaterThan(100)
    expect(report.outcomes.size).toBeGreaterThan(20)
  }, 300_000)
})
