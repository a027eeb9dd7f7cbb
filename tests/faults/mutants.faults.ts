/**
 * npm run faults -- mutants [COUNT] [FROM]: damaged copies of the reference corpus through reader, renderer and
 * de-identifier, 100,000 unless told.
 * Fails on anything but a success or a coded error, on what takes longer than 2 s and 1 s per MiB of the processor's
 * time, and on what
 * takes more memory than 64 MiB and eight times the larger of file and frame. A number that is named can be run again
 * alone.
 */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { createImaging, forkProcess } from '../../src-engine/decode/pool.ts'
import { runMutants, type MutantReport } from '../support/mutants.ts'

const folder = path.resolve(import.meta.dirname, '../../../shared/dicom')
const [count = 100_000, from = 0] = process.argv.slice(2).map(Number)
if (!existsSync(path.join(folder, 'CATALOG.tsv'))) {
  console.log('mutants: skipped, the corpus is not here')
  process.exit(0)
}

/** A part of the numbers, each with a decode process of its own, so that its memory can be told from the others'. */
async function runPart(start: number, size: number): Promise<MutantReport> {
  let pid = 0
  const imaging = createImaging({
    concurrency: 1,
    startProcess: (argv) => {
      const child = forkProcess(new URL('../../src-engine/decode/process.ts', import.meta.url), argv)
      pid = child.pid
      return child
    },
  })
  const whole: MutantReport = { mutants: 0, rendered: 0, outcomes: new Map(), crashes: [], hangs: [], greedy: [] }
  for (let done = 0; done < size; done += 1_000) {
    const report = await runMutants({
      folder,
      from: start + done,
      count: Math.min(1_000, size - done),
      imaging,
      renderEvery: 1,
      measured: () => (pid ? [pid] : []),
    })
    add(whole, report)
    for (const kind of ['crashes', 'hangs', 'greedy'] as const)
      for (const { number, file, what } of report[kind]) console.log(`${kind} ${number} ${file}: ${what}`)
    console.log(`${start + done + report.mutants - from} …`)
  }
  await imaging.close()
  return whole
}

function add(whole: MutantReport, part: MutantReport): void {
  whole.mutants += part.mutants
  whole.rendered += part.rendered
  for (const [outcome, times] of part.outcomes) whole.outcomes.set(outcome, (whole.outcomes.get(outcome) ?? 0) + times)
  for (const kind of ['crashes', 'hangs', 'greedy'] as const) whole[kind].push(...part[kind])
}

const parts = Math.min(2, availableParallelism())
const share = Math.ceil(count / parts)
const whole: MutantReport = { mutants: 0, rendered: 0, outcomes: new Map(), crashes: [], hangs: [], greedy: [] }
for (const report of await Promise.all(
  Array.from({ length: parts }, (_, part) => runPart(from + part * share, Math.min(share, count - part * share))),
))
  add(whole, report)
console.table(
  [...whole.outcomes]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([outcome, times]) => ({ outcome, times })),
)
console.log(
  `${whole.mutants} mutants, ${whole.crashes.length} crashes, ${whole.hangs.length} hangs, ${whole.greedy.length} over the memory limit`,
)
process.exit(whole.crashes.length + whole.hangs.length + whole.greedy.length > 0 ? 1 : 0)
