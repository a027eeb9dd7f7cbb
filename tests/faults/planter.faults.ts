/**
 * npm run faults -- planter [FILES] [SEED]: planted identifiers through every combination of options, 40 files and seed
 * 1 unless told. What was done is kept in out/planter-FILES-SEED.txt: a run that was stopped goes on there.
 */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { canPlant, optionCombinations, plant, throughOptions } from '../support/planted-options.ts'

const [count = 40, seed = 1] = process.argv.slice(2).map(Number)
if (!canPlant()) {
  console.log('planter: skipped, the planter or its Python is not here')
  process.exit(0)
}
const out = path.resolve(import.meta.dirname, '../../out')
const progress = path.join(out, `planter-${count}-${seed}.txt`)
mkdirSync(out, { recursive: true })
const lines = existsSync(progress) ? readFileSync(progress, 'utf8').split('\n') : []
const done = new Set(lines.filter((line) => line.startsWith('ok ')).map((line) => line.slice(3)))
const work = mkdtempSync(path.join(tmpdir(), 'planter-'))
const planted = plant(work, count, seed)
rmSync(work, { recursive: true, force: true })
const combinations = optionCombinations()
let failed = 0
for (const [index, combination] of combinations.entries()) {
  const name = combination.join() || 'none'
  if (done.has(name)) continue
  const { survivors, refused } = throughOptions(planted, combination)
  const stopped = (refused['identifier-left'] ?? 0) + (refused['pixels-not-intact'] ?? 0)
  if (survivors.length === 0 && stopped === 0) appendFileSync(progress, `ok ${name}\n`)
  else {
    failed++
    console.log(`${name}: ${stopped} good copies refused, survivors at ${survivors.join(' ')}`)
  }
  if (index % 100 === 99) console.log(`${index + 1} of ${combinations.length} …`)
}
console.log(`${combinations.length} combinations, ${done.size} of them done before, ${failed} with survivors`)
process.exit(failed > 0 ? 1 : 0)
