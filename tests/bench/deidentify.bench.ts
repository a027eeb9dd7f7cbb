/**
 * De-identifies a folder of CT images and compares that with `cp -r` (the cost of copying alone) and `gdcmanon --dumb`
 * (which empties a list of attributes, maps no UIDs and keeps private elements). They run in turns within one run, on a
 * RAM disk where there is one, each in its own process.
 * Outpost runs twice in every round: bundled as it is installed, in a new process, and in a process that keeps running,
 * because a workstation runs for days.
 * Usage: npm run bench -- deidentify [FILES=1000] [ROUNDS=9]
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ROWS } from '../../src-core/deidentify/table.generated.ts'
import { contest, has, holds, print, program, within, type Contestants, type Measure } from './contest.ts'
import { makeFolder, peers } from './ct-folders.ts'
import { deidentify } from './deidentify-turn.ts'

/** The number of turns in the process that keeps running that are not counted. */
const WARM_UP = 3

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Runs gdcmanon on about a hundred attributes to empty or remove: the list beside the peers, or the first rows of the
 * table.
 */
function runGdcmanon(input: string, out: string): Measure {
  mkdirSync(out)
  const script = path.join(peers, 'gdcmanon_dumb.sh')
  if (existsSync(script)) return program('sh', [script, input, out])
  const hex = (half: number): string => half.toString(16).padStart(4, '0')
  const attributes = ROWS.filter(
    ([tag, , action]) => tag >= 0x00080000 && (action === 'Z' || action.startsWith('X')),
  ).slice(0, 130)
  const list = attributes.flatMap(([tag, , action]) => [
    action.startsWith('X') ? '--remove' : '--empty',
    `${hex(tag >>> 16)},${hex(tag & 0xffff)}`,
  ])
  return program('gdcmanon', ['--dumb', '-r', '--continue', ...list, '-i', input, '-o', out])
}

async function race(files: number, rounds: number): Promise<void> {
  const disk = writable('/dev/shm') ? '/dev/shm' : tmpdir()
  const workFolder = mkdtempSync(path.join(disk, 'bench-deidentify-'))
  try {
    const input = makeFolder(path.join(workFolder, 'in'), files, 'full')
    const out = path.join(workFolder, 'out')
    const environment = { NODE_COMPILE_CACHE: path.join(workFolder, 'cache') }
    const limit = path.join(peers, 'copy_limit.c')
    const compiled = path.join(workFolder, 'copy_limit')
    const contestants: Contestants = {
      'cp -r': () => program('cp', ['-r', input, out]),
      outpost: () => within(() => deidentify(input, out, files)),
      'outpost, as a process': () =>
        program(
          process.execPath,
          [path.resolve(import.meta.dirname, '../../out/bench/deidentify-turn.cjs'), input, out, String(files)],
          environment,
        ),
      ...(has('gdcmanon') && { 'gdcmanon --dumb': () => runGdcmanon(input, out) }),
      ...(existsSync(limit) &&
        spawnSync('cc', ['-O2', limit, '-o', compiled]).status === 0 && {
          'C: read, writev': () => program(compiled, ['rw', input, out]),
        }),
    }
    const clear = (): void => rmSync(out, { recursive: true, force: true })
    for (let turn = 0; turn < WARM_UP; turn++) {
      clear()
      await deidentify(input, out, files)
    }
    // One round that does not count fills the caches first.
    await contest(contestants, 1, clear)
    const results = await contest(contestants, rounds, clear)
    print(`${files} CT images of 512 × 512 on ${disk}, medians of ${rounds} turns`, results)
    holds(results, { of: 'outpost', by: 'cpu', peer: 'gdcmanon --dumb', most: 1 })
    holds(results, { of: 'outpost, as a process', by: 'cpu', peer: 'gdcmanon --dumb', most: 1 })
    holds(results, { of: 'outpost', by: 'cpu', peer: 'cp -r', most: 1.4 })
  } finally {
    rmSync(workFolder, { recursive: true, force: true })
  }
}

const [files = 1000, rounds = 9] = process.argv.slice(2).map(Number)
await race(files, rounds)
