/**
 * Prepares shares of generated studies at a workstation, plain and anonymized: 500 and 2,000 CT slices of 512 KiB, and
 * one object of 300 MiB in many frames. Each share is prepared in its own process (prepare-turn.ts), which reports the
 * memory beyond its idle memory, the delay of its event loop compared with an idle one, and the time compared with `cp`
 * and fsync of the same bytes.
 * Usage: npm run bench -- prepare [FILES=2000] [FRAMES=600]
 */
import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openRepositories } from '../../src-main/storage/repositories.ts'
import type { SelectedInstance } from '../../src-main/ports/records.ts'
import { sampleShare } from '../support/sample-share.ts'
import { selectedInstance, selectedInstances } from '../support/selected-instances.ts'
import { MIB } from '../support/trial.ts'
import { program } from './contest.ts'
import { makeFolder, writeLongObject } from './ct-folders.ts'
import type { Delays, PrepareTurn } from './prepare-turn.ts'

/** The most bytes that preparing may use beyond an idle workstation. */
const MAX_MEMORY = 150 * MIB
/**
 * The most that the p99 delay of the event loop may exceed that of an idle one, which may also be delayed on a busy
 * machine.
 */
const MAX_PAUSE_MS = 50
/** The most that a share of all files may use, relative to the memory for a quarter of them. */
const MAX_GROWTH = 1.3

let failed = false

function limit(what: string, value: number, most: number, unit: string): void {
  const ok = value <= most
  failed ||= !ok
  console.log(`  ${ok ? 'ok  ' : 'over'} ${what}: ${value.toFixed(2)}${unit}, at most ${most}${unit}`)
}

function commit(dataFolder: string, instances: readonly SelectedInstance[], anonymize: boolean): string {
  const { repositories, close } = openRepositories(dataFolder)
  try {
    const record = sampleShare(instances, { anonymize })
    repositories.ledger.commit({ record, stars: [], undoUntil: record.createdAt })
    return record.shareId
  } finally {
    close()
  }
}

function prepareInProcess(dataFolder: string, shareId: string): Promise<PrepareTurn> {
  const child = fork(path.join(import.meta.dirname, 'prepare-turn.ts'), [dataFolder, shareId], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', (turn) => resolve(turn as PrepareTurn))
    child.once('exit', (code) => reject(new Error(`preparing ended with ${code}`)))
  })
}

/** Copies the files and waits until they are on disk; other writes of the machine are not waited for. */
const COPY = `xargs -0 cp --parents -t "$1" < "$0" && find "$1" -type f -print0 | xargs -0 sync --data`

/** Returns the seconds that `cp` of the files takes until all of them are on disk. */
function secondsToCopy(folder: string, instances: readonly SelectedInstance[]): number {
  mkdirSync(folder)
  const list = path.join(folder, 'list')
  writeFileSync(list, instances.map(({ path: from }) => `${from}\0`).join(''))
  const out = path.join(folder, 'out')
  mkdirSync(out)
  const { wall } = program('bash', ['-c', COPY, list, out])
  rmSync(folder, { recursive: true })
  return wall
}

const summary = ({ p50, p99, max }: Delays): string =>
  `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(1)} ms`

async function race(
  workFolder: string,
  name: string,
  instances: readonly SelectedInstance[],
  anonymize: boolean,
): Promise<PrepareTurn> {
  const data = path.join(workFolder, 'data')
  const copy = secondsToCopy(path.join(workFolder, 'copy'), instances)
  const turn = await prepareInProcess(data, commit(data, instances, anonymize))
  rmSync(data, { recursive: true })
  const bytes = instances.reduce((sum, { size }) => sum + size, 0)
  console.log(`${name}${anonymize ? ', anonymized' : ''}: ${(bytes / MIB).toFixed(0)} MiB`)
  console.log(
    `  ${turn.seconds.toFixed(1)} s, ` +
      `${(copy / turn.seconds).toFixed(2)} of the speed of cp and fsync (${copy.toFixed(1)} s)`,
  )
  console.log(`  memory kept two seconds later: ${(turn.kept / MIB).toFixed(0)} MiB`)
  console.log(`  event loop late: ${summary(turn.busy)}; idle ${summary(turn.idle)}`)
  limit('memory beyond idle', turn.peak / MIB, MAX_MEMORY / MIB, ' MiB')
  limit('late at p99 beyond idle', Math.max(0, turn.busy.p99 - turn.idle.p99), MAX_PAUSE_MS, ' ms')
  return turn
}

const [files = 2000, frames = 600] = process.argv.slice(2).map(Number)
const workFolder = mkdtempSync(path.join(tmpdir(), 'bench-prepare-'))
try {
  const slices = selectedInstances(makeFolder(path.join(workFolder, 'slices'), files, 'full')).slice(0, files)
  const long = path.join(workFolder, 'long.dcm')
  writeLongObject(long, frames)
  for (const anonymize of [false, true]) {
    const quarter = slices.slice(0, Math.ceil(files / 4))
    const few = await race(workFolder, `${quarter.length} slices`, quarter, anonymize)
    const many = await race(workFolder, `${files} slices`, slices, anonymize)
    limit('memory of all slices, of a quarter of them', many.peak / few.peak, MAX_GROWTH, ' times')
    await race(workFolder, `one object of ${frames} frames`, [selectedInstance(long)], anonymize)
  }
} finally {
  rmSync(workFolder, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
