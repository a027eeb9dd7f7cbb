/**
 * npm run faults -- mutants [COUNT] [FROM] reads, renders and de-identifies damaged copies of the reference corpus,
 * 100,000 by default.
 * It fails on any result other than success or a coded error, on more CPU time than 2 s plus 1 s per MiB, and on more
 * memory than 64 MiB plus eight times the larger of file and frame. A number that it reports can be run again alone.
 * Progress is kept under out/faults, so that an interrupted run continues; with FROM nothing is kept.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createImaging, forkProcess } from '../../src-engine/decode-process/pool.ts'
import { runMutants, type MutantReport } from '../support/mutants.ts'

const folder = path.resolve(import.meta.dirname, '../../../shared/dicom')
const [count = 100_000, from = 0] = process.argv.slice(2).map(Number)
const progress = path.resolve(import.meta.dirname, `../../out/faults/mutants-${count}.json`)
const resumable = process.argv[3] === undefined
if (!existsSync(path.join(folder, 'CATALOG.tsv'))) {
  console.log('mutants: skipped, the corpus is not here')
  process.exit(0)
}

const emptyReport = (): MutantReport => ({
  mutants: 0,
  rendered: 0,
  outcomes: new Map(),
  crashes: [],
  hangs: [],
  greedy: [],
})

/** A longer run ends at this time; the next run continues. */
const until = performance.now() + 40 * 60_000

/** The report of each finished part, by the number it starts with. */
const partsDone: Record<number, MutantReport> = {}
if (resumable) {
  mkdirSync(path.dirname(progress), { recursive: true })
  if (existsSync(progress))
    for (const [start, part] of Object.entries(JSON.parse(readFileSync(progress, 'utf8')) as typeof partsDone)) {
      partsDone[Number(start)] = { ...part, outcomes: new Map(part.outcomes) }
      console.log(`going on after ${part.mutants} mutants from ${start}`)
    }
}

/** Runs a part of the numbers with its own decode process, so that its memory can be measured by itself. */
async function runPart(start: number, size: number): Promise<MutantReport> {
  let pid = 0
  const imaging = createImaging({
    concurrency: 1,
    startProcess: (argv) => {
      const child = forkProcess(new URL('../../src-engine/decode-process/process.ts', import.meta.url), argv)
      pid = child.pid
      return child
    },
  })
  const total = partsDone[start] ?? emptyReport()
  for (let done = total.mutants; done < size && performance.now() < until; done += 200) {
    const report = await runMutants({
      folder,
      from: start + done,
      count: Math.min(200, size - done),
      imaging,
      renderEvery: 1,
      measured: () => (pid ? [pid] : []),
    })
    add(total, report)
    partsDone[start] = total
    if (resumable)
      writeFileSync(
        progress,
        JSON.stringify(partsDone, (_, value) => (value instanceof Map ? [...value] : value)),
      )
    for (const kind of ['crashes', 'hangs', 'greedy'] as const)
      for (const { number, file, what } of report[kind]) console.log(`${kind} ${number} ${file}: ${what}`)
    console.log(`${start + done + report.mutants - from} …`)
  }
  await imaging.close()
  return total
}

function add(total: MutantReport, part: MutantReport): void {
  total.mutants += part.mutants
  total.rendered += part.rendered
  for (const [outcome, times] of part.outcomes) total.outcomes.set(outcome, (total.outcomes.get(outcome) ?? 0) + times)
  for (const kind of ['crashes', 'hangs', 'greedy'] as const) total[kind].push(...part[kind])
}

// The number of parts is constant, so that kept progress still fits.
const parts = 2
const share = Math.ceil(count / parts)
const total = emptyReport()
for (const report of await Promise.all(
  Array.from({ length: parts }, (_, part) => runPart(from + part * share, Math.min(share, count - part * share))),
))
  add(total, report)
console.table(
  [...total.outcomes]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([outcome, times]) => ({ outcome, times })),
)
console.log(
  `${total.mutants} mutants, ${total.crashes.length} crashes, ${total.hangs.length} hangs, ` +
    `${total.greedy.length} over the memory limit`,
)
const complete = total.mutants >= count
if (!complete) console.log('mutants are left: the same command goes on')
else if (resumable) rmSync(progress, { force: true })
const faults = total.crashes.length + total.hangs.length + total.greedy.length
process.exit(faults > 0 ? 1 : complete ? 0 : 3)
