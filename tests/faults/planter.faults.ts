/**
 * npm run faults -- planter [FILES] [SEED] de-identifies planted identifiers with every combination of options, by
 * default in 40 files with seed 1. An interrupted run continues where it stopped.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { canPlant, optionCombinations, plant, throughOptions } from '../support/planted-options.ts'
import { runParts } from '../support/resumable.ts'

const [count = 40, seed = 1] = process.argv.slice(2).map(Number)
if (!canPlant()) {
  console.log('planter: skipped, the planter or its Python is not here')
  process.exit(0)
}
const workFolder = mkdtempSync(path.join(tmpdir(), 'planter-'))
const planted = plant(workFolder, count, seed)
rmSync(workFolder, { recursive: true, force: true })
const combinations = new Map(optionCombinations().map((options) => [options.join() || 'none', options]))
process.exitCode = await runParts(`planter-${count}-${seed}`, [...combinations.keys()], (name) => {
  const { survivors, refused } = throughOptions(planted, combinations.get(name)!)
  const stopped = (refused['identifier-left'] ?? 0) + (refused['pixels-not-intact'] ?? 0)
  if (survivors.length + stopped > 0)
    console.log(`${name}: ${stopped} good copies refused, survivors at ${survivors.join(' ')}`)
  return survivors.length + stopped
})
