/**
 * Compares an unchanged folder with the index, file by file and by the times of directories alone, and measures that
 * beside `rsync -an` and `find -newer`, in turns within one run. Outpost runs each twice: as the installed command,
 * including its start, and in a process that keeps running, as at the workstation. Both are held to the limits.
 * Usage: npm run bench -- rescan [FILES=50000] [ROUNDS=9]
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { indexFolders } from '../../src-main/library/index-command.ts'
import { contest, has, holds, print, program, within, type Measure } from './contest.ts'
import { makeFolder } from './ct-folders.ts'

const [files = 50_000, rounds = 9] = process.argv.slice(2).map(Number)
const workFolder = mkdtempSync(path.join(tmpdir(), 'bench-rescan-'))
const input = path.join(workFolder, 'in')
const data = path.join(workFolder, 'data')
const older = path.join(workFolder, 'older')
const commandLine = path.resolve(import.meta.dirname, '../../out/main/cli.cjs')

const asCommand = (quick: boolean): Measure =>
  program(process.execPath, [commandLine, 'index', input, ...(quick ? ['--quick'] : []), '--data', data, '--json'], {
    NODE_COMPILE_CACHE: path.join(workFolder, 'cache'),
  })

async function rescan(quick: boolean): Promise<void> {
  const report = await indexFolders(data, [input], { quick })
  if (report.unchanged !== report.files) throw new Error('not unchanged')
}

try {
  makeFolder(input, files, 'none')
  writeFileSync(older, '')
  mkdirSync(data)
  spawnSync('sync')
  // The index does not trust the times of directories that changed just now.
  await later(3000)
  await indexFolders(data, [input])
  utimesSync(older, new Date(), new Date())
  const results = await contest(
    {
      outpost: () => within(() => rescan(false)),
      'outpost quick': () => within(() => rescan(true)),
      'outpost, as a command': () => asCommand(false),
      'outpost quick, as a command': () => asCommand(true),
      ...(has('rsync') && { 'rsync -an': () => program('rsync', ['-an', `${input}/`, `${input}/`]) }),
      'find -newer': () => program('find', [input, '-newer', older]),
    },
    rounds,
  )
  print(`${files} unchanged files, medians of ${rounds} turns`, results)
  holds(results, { of: 'outpost', by: 'cpu', peer: 'rsync -an', most: 1 })
  holds(results, { of: 'outpost, as a command', by: 'cpu', peer: 'rsync -an', most: 1 })
  holds(results, { of: 'outpost quick', by: 'cpu', peer: 'find -newer', most: 1.5 })
  holds(results, { of: 'outpost quick, as a command', by: 'cpu', peer: 'find -newer', most: 1.5 })
} finally {
  rmSync(workFolder, { recursive: true, force: true })
}
