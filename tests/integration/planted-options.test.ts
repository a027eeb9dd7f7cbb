/** Tests combinations of options that a seed selects; npm run faults -- planter takes all of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { optionSet } from '../../src-core/deidentify/options.ts'
import { seeded } from '../support/gate-series.ts'
import { canPlant, optionCombinations, plant, throughOptions } from '../support/planted-options.ts'

const SHARE = 0.02
const workFolder = mkdtempSync(path.join(tmpdir(), 'planted-options-'))
afterAll(() => rmSync(workFolder, { recursive: true, force: true }))

it('D2: every combination of options is one that may be chosen, but for both kinds of dates at once', () => {
  const combinations = optionCombinations()
  expect(combinations).toHaveLength(2 ** 11 - 2 ** 9)
  for (const combination of combinations) expect(optionSet(combination).size).toBe(combination.length)
  expect(() => optionSet(['retainLongitudinalFullDates', 'retainLongitudinalModifiedDates'])).toThrow('bad-request')
})

describe.skipIf(!canPlant())('D2, D9: planted identifiers under combinations of options', () => {
  it('D2: nothing that the options do not retain survives, no moved date stays, and no good copy is refused', () => {
    const planted = plant(path.join(workFolder, 'planted'), 16, 31)
    expect(planted.needles.size).toBeGreaterThan(3_000)
    const random = seeded(2)
    const chosen = optionCombinations().filter(() => random() < SHARE)
    expect(chosen.length).toBeGreaterThan(20)
    let written = 0
    for (const combination of chosen) {
      const report = throughOptions(planted, combination)
      expect(report.survivors, combination.join()).toEqual([])
      expect(report.refused['identifier-left'], combination.join()).toBeUndefined()
      expect(report.refused['pixels-not-intact'], combination.join()).toBeUndefined()
      written += report.written
    }
    expect(written).toBeGreaterThan(chosen.length * 5)
  })
})
