/**
 * Indexes a folder of CT images, against what opening and reading their heads costs in C and against gdcmscanner, in turns within one run: from memory, and
 * from the disk where its cache can be dropped (for root). Ours is a process of its own, as the others are: starting it counts.
 * Usage: npm run bench -- index [FILES=20000] [ROUNDS=9] [ROUNDS FROM THE DISK=3]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { contest, has, holds, print, program, type Measure } from './contest.ts'
import { makeFolder, peers } from './ct-folders.ts'

const [files = 20_000, rounds = 9, coldRounds = 3] = process.argv.slice(2).map(Number)
const work = mkdtempSync(path.join(tmpdir(), 'bench-index-'))
const input = path.join(work, 'in')
const data = path.join(work, 'data')
const command = path.resolve(import.meta.dirname, '../../src-main/library/index-command.ts')
/** What an archive wants to know of an image: identity, equipment, place, form. */
const SCANNED = ['0008,0018', '0008,0020', '0008,0030', '0008,0050', '0008,0060', '0008,0070', '0008,0090', '0008,1030', '0008,103e', '0010,0010', '0010,0020', '0010,0030', '0010,0040', '0018,0015', '0018,1030', '0020,000d', '0020,000e', '0020,0010', '0020,0011', '0020,0013', '0020,0032', '0020,0037', '0020,0052', '0028,0008', '0028,0010', '0028,0011', '0028,0100', '0028,1050', '0028,1051']

function outpost(): Measure {
  rmSync(data, { recursive: true, force: true })
  mkdirSync(data)
  return program(process.execPath, ['--input-type=module', '-e', `
    const { indexFolders } = await import(${JSON.stringify(command)})
    const report = await indexFolders(${JSON.stringify(data)}, [${JSON.stringify(input)}])
    if (report.instances !== ${files}) throw new Error('not all were indexed')`], { NODE_COMPILE_CACHE: path.join(work, 'cache') })
}

/** As a disk that was just put in: what the system kept of files is dropped, and only the programs themselves are read again. */
function dropCache(): boolean {
  spawnSync('sync')
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3')
  } catch {
    return false
  }
  program(process.execPath, ['--input-type=module', '-e', `await import(${JSON.stringify(command)})`], { NODE_COMPILE_CACHE: path.join(work, 'cache') })
  readFileSync(process.execPath)
  spawnSync('gdcmscanner', ['--version'])
  return true
}

try {
  makeFolder(input, files, true)
  const contestants: Record<string, () => Measure> = { outpost }
  const limit = path.join(work, 'limit')
  const limitSource = path.join(peers, 'limit.c')
  if (existsSync(limitSource) && spawnSync('cc', ['-O2', '-pthread', limitSource, '-o', limit]).status === 0) contestants['C: open, read 4 KiB, close'] = () => program(limit, ['head', input, '2'])
  if (has('gdcmscanner')) contestants.gdcmscanner = () => program('gdcmscanner', ['-d', input, '-r', ...SCANNED.flatMap((tag) => ['-t', tag])])
  // Once before, so that compiled code and directory entries are as warm for us as for the programs.
  for (const turn of Object.values(contestants)) turn()
  const warm = await contest(contestants, rounds)
  print(`${files} CT images of 512 × 512, from memory, medians of ${rounds} turns`, warm)
  holds(warm, { of: 'outpost', by: 'cpu', peer: 'C: open, read 4 KiB, close', most: 6 })
  holds(warm, { of: 'outpost', by: 'cpu', peer: 'gdcmscanner', most: 1 / 3 })
  if (coldRounds > 0 && dropCache()) {
    const cold = await contest(contestants, coldRounds, dropCache)
    print(`the same from the disk, medians of ${coldRounds} turns`, cold)
    holds(cold, { of: 'outpost', by: 'wall', peer: 'gdcmscanner', most: 1 / 3 })
  } else console.log('not measured: from the disk, whose cache cannot be dropped here')
} finally {
  rmSync(work, { recursive: true, force: true })
}
