/**
 * Indexes a folder of CT images and compares that with the cost of opening and reading the headers in C, and with
 * gdcmscanner. They run in turns within one run: from memory, and from the disk where its cache can be dropped (by
 * root).
 * Outpost runs twice in every round: as the installed command, including its start and compilation, and in a process
 * that keeps running, as at the workstation. Both are held to the limits.
 * Usage: npm run bench -- index [FILES=20000] [ROUNDS=9] [ROUNDS FROM THE DISK=3]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { indexFolders, listStudies } from '../../src-main/library/index-command.ts'
import { contest, has, holds, print, program, within, type Measure } from './contest.ts'
import { makeFolder, peers } from './ct-folders.ts'

const [files = 20_000, rounds = 9, coldRounds = 3] = process.argv.slice(2).map(Number)
const workFolder = mkdtempSync(path.join(tmpdir(), 'bench-index-'))
const input = path.join(workFolder, 'in')
const data = path.join(workFolder, 'data')
const nothing = path.join(workFolder, 'nothing')
const commandLine = path.resolve(import.meta.dirname, '../../out/main/cli.cjs')
const environment = { NODE_COMPILE_CACHE: path.join(workFolder, 'cache') }
/** The attributes that an archive reads of an image: identity, equipment, position, form. */
const SCANNED = [
  '0008,0018',
  '0008,0020',
  '0008,0030',
  '0008,0050',
  '0008,0060',
  '0008,0070',
  '0008,0090',
  '0008,1030',
  '0008,103e',
  '0010,0010',
  '0010,0020',
  '0010,0030',
  '0010,0040',
  '0018,0015',
  '0018,1030',
  '0020,000d',
  '0020,000e',
  '0020,0010',
  '0020,0011',
  '0020,0013',
  '0020,0032',
  '0020,0037',
  '0020,0052',
  '0028,0008',
  '0028,0010',
  '0028,0011',
  '0028,0100',
  '0028,1050',
  '0028,1051',
]

function fresh(): void {
  rmSync(data, { recursive: true, force: true })
  mkdirSync(data)
}

function checked(measure: Measure): Measure {
  const indexed = listStudies(data).reduce((sum, { instances }) => sum + instances, 0)
  if (indexed !== files) throw new Error(`${indexed} of ${files} were indexed`)
  return measure
}

const asCommand = (folder: string): Measure =>
  program(process.execPath, [commandLine, 'index', folder, '--data', data, '--json'], environment)

/**
 * Drops the system's cache of files, so that the disk is as if it was just connected; only the programs themselves are
 * read again.
 */
function dropCache(): boolean {
  spawnSync('sync')
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3')
  } catch {
    return false
  }
  asCommand(nothing)
  spawnSync('gdcmscanner', ['--version'])
  return true
}

try {
  mkdirSync(nothing)
  makeFolder(input, files, 'hollow')
  const contestants: Record<string, () => Measure | Promise<Measure>> = {
    outpost: async () => {
      fresh()
      return checked(
        await within(async () => {
          await indexFolders(data, [input])
        }),
      )
    },
    'outpost, as a command': () => {
      fresh()
      return checked(asCommand(input))
    },
  }
  const limit = path.join(workFolder, 'limit')
  const limitSource = path.join(peers, 'limit.c')
  if (existsSync(limitSource) && spawnSync('cc', ['-O2', '-pthread', limitSource, '-o', limit]).status === 0)
    contestants['C: open, read 4 KiB, close'] = () => program(limit, ['head', input, '2'])
  if (has('gdcmscanner'))
    contestants.gdcmscanner = () =>
      program('gdcmscanner', ['-d', input, '-r', ...SCANNED.flatMap((tag) => ['-t', tag])])
  // One round runs first, so that compiled code and directory entries are as warm for Outpost as for the other
  // programs.
  for (const turn of Object.values(contestants)) await turn()
  const warm = await contest(contestants, rounds)
  print(`${files} CT images of 512 × 512, from memory, medians of ${rounds} turns`, warm)
  for (const ours of ['outpost', 'outpost, as a command']) {
    holds(warm, { of: ours, by: 'cpu', peer: 'C: open, read 4 KiB, close', most: 6 })
    holds(warm, { of: ours, by: 'cpu', peer: 'gdcmscanner', most: 1 / 3 })
  }
  if (coldRounds > 0 && dropCache()) {
    const cold = await contest(contestants, coldRounds, dropCache)
    print(`the same from the disk, medians of ${coldRounds} turns`, cold)
    for (const ours of ['outpost', 'outpost, as a command'])
      holds(cold, { of: ours, by: 'wall', peer: 'gdcmscanner', most: 1 / 3 })
  } else console.log('not measured: from the disk, whose cache cannot be dropped here')
} finally {
  rmSync(workFolder, { recursive: true, force: true })
}
