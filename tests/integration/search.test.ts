/**
 * Tests the parts of the search for damaged files: it recognizes new code, and damages files so that they can still be
 * read.
 */
import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { sequenceOf } from '../support/mutants.ts'
import { countReachedCode } from '../support/reached-code.ts'
import { splicedMutant } from '../support/splices.ts'
import { fileOf, syntheticStudies } from '../support/synthetic-studies.ts'

describe('the search for damaged files', () => {
  it('a way through the code is new once: another branch, and a loop that runs much more often, are new again', () => {
    const code = countReachedCode((url) => url.endsWith('searched-sample.js'))
    const sample = runInThisContext(
      `(function sample(value, times) {
      let sum = 0
      if (value > 0) { sum += 1 } else { sum -= 1 }
      for (let i = 0; i < times; i++) { sum += i }
      return sum
    })`,
      { filename: 'searched-sample.js' },
    ) as (value: number, times: number) => number
    const news = (value: number, times: number): boolean => {
      sample(value, times)
      return code.takeNew() > 0
    }
    code.takeNew()
    expect([
      news(1, 0),
      news(1, 0),
      news(-1, 0),
      news(-1, 0),
      news(1, 1),
      news(1, 1),
      news(1, 100),
      news(1, 120),
    ]).toEqual([true, false, true, false, true, false, true, false])
    expect(code.reached()).toBeGreaterThan(100)
  })

  it('damage is the same for the same seed, changes nearly every file, and leaves many readable', () => {
    const files = [...syntheticStudies(3, 5)].flat().map((instance) => fileOf(instance))
    const mutantsOf = (seed: number): Uint8Array[] => {
      const below = sequenceOf(seed)
      return files.flatMap((file, index) =>
        Array.from({ length: 10 }, () => splicedMutant(file, files[(index + 7) % files.length]!, below)),
      )
    }
    const mutants = mutantsOf(3)
    expect(mutants.map((mutant) => Buffer.from(mutant).toString('base64'))).toEqual(
      mutantsOf(3).map((mutant) => Buffer.from(mutant).toString('base64')),
    )
    const originals = new Set(files.map((file) => Buffer.from(file).toString('base64')))
    expect(mutants.filter((mutant) => originals.has(Buffer.from(mutant).toString('base64'))).length).toBeLessThan(
      mutants.length / 10,
    )
    const shapes = new Set(
      mutants.flatMap((mutant) => {
        try {
          return [[...parseDicom(mutant).dataset.elements.keys()].join()]
        } catch {
          return []
        }
      }),
    )
    expect(shapes.size).toBeGreaterThan(mutants.length / 10)
  })
})
