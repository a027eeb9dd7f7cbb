import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import Database from 'better-sqlite3'
import { openIndexDatabase } from '../storage/index/index-database.ts'
import { IndexWriter } from '../storage/index/index-writer.ts'
import { FolderScan, type ScanControl } from './folder-scan.ts'
import { indexFolders, listStudies } from './index-command.ts'
import { instanceBytes, writeInstance } from './instance.fixture.ts'
import { sameContent } from './same-content.ts'

let root: string
let folder: string
let data: string
const index = (quick = false) => indexFolders(data, [folder], { quick })
const inside = (name: string): string => path.join(folder, name)

/** Gives all files and directories a modification time of one minute ago. */
function age(directory = folder): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const full = path.join(directory, entry.name)
    if (entry.isDirectory()) age(full)
    else utimesSync(full, minuteAgo, minuteAgo)
  }
  utimesSync(directory, minuteAgo, minuteAgo)
}
const minuteAgo = new Date(Date.now() - 60_000)
/** Rewrites a file in place: other content of the same length with a new time, and an unchanged directory time. */
function rewrite(name: string, number: number): void {
  const { size } = statSync(inside(name))
  const bytes = instanceBytes({ number })
  expect(bytes.length).toBe(size)
  writeFileSync(inside(name), bytes)
  utimesSync(inside(name), minuteAgo, new Date(minuteAgo.getTime() + 1))
}

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'rescan-'))
  folder = path.join(root, 'DICOM')
  data = path.join(root, 'data')
  mkdirSync(data)
  for (const directory of ['a', 'b/c'])
    for (const number of [1, 2, 3])
      writeInstance(folder, `${directory}/I${number}`, { number: number + (directory === 'a' ? 0 : 3) })
  writeFileSync(inside('b/notes.txt'), 'Not an image.')
  age()
  expect(await index()).toMatchObject({ files: 7, indexed: 6, instances: 6, unchanged: 0 })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it.each([false, true])(
  'W1: of what did not change nothing is read again, and what was left out is still known (quick: %s)',
  async (quick) => {
    const again = await index(quick)
    expect(again).toMatchObject({ files: 7, indexed: 0, unchanged: 7, instances: 6 })
    expect(again.skipped.map(({ code }) => code)).toEqual(['not-dicom'])
  },
)

it.each([false, true])('W1: what was added, renamed or removed is noticed (quick: %s)', async (quick) => {
  writeInstance(folder, 'b/c/I9', { number: 9 })
  renameSync(inside('a/I1'), inside('a/J1'))
  unlinkSync(inside('b/c/I1'))
  expect(await index(quick)).toMatchObject({ files: 7, instances: 6, indexed: 2 })
  rmSync(inside('a'), { recursive: true })
  expect(await index(quick)).toMatchObject({ files: 4, instances: 3 })
})

it('W1: a file rewritten in place with the same length is found by the full scan, not by the quick one', async () => {
  rewrite('a/I2', 8)
  expect(await index(true)).toMatchObject({ indexed: 0, unchanged: 7 })
  expect(await index()).toMatchObject({ indexed: 1, unchanged: 6, instances: 6 })
  expect(await index()).toMatchObject({ indexed: 0, unchanged: 7 })
})

it('W1: a directory that changed just now is looked into also by the quick comparison', async () => {
  rewrite('a/I2', 8)
  utimesSync(inside('a'), new Date(), new Date())
  await index(true)
  rewrite('a/I3', 9)
  expect(await index(true)).toMatchObject({ unchanged: 6, indexed: 1 })
})

it('W1: a file in a directory that changed is compared by itself', async () => {
  appendFileSync(inside('b/notes.txt'), ' Still none.')
  writeInstance(folder, 'b/c/I7', { number: 7 })
  expect(await index()).toMatchObject({ files: 8, indexed: 1, unchanged: 6, instances: 7 })
})

it('W1: the studies are the same however often nothing changed', async () => {
  const before = listStudies(data)
  await index()
  await index(true)
  expect(listStudies(data)).toEqual(before)
})

/** The rows of the index, without reading the folder. */
function held(): unknown[] {
  const database = new Database(path.join(data, 'index.db'), { readonly: true })
  try {
    return database
      .prepare('SELECT directory.path, name, code FROM file JOIN directory USING (directoryKey) ORDER BY 1, 2')
      .all()
  } finally {
    database.close()
  }
}

it('W1: an empty place where a disk was is no empty folder: what the disk holds stays known', async () => {
  const before = held()
  const database = new Database(path.join(data, 'index.db'))
  database.exec("UPDATE folder SET device = 'of the disk'")
  database.close()
  renameSync(folder, `${folder}.away`)
  mkdirSync(folder)
  await expect(index()).rejects.toMatchObject({ code: 'folder-missing' })
  expect(held()).toEqual(before)
  rmSync(folder, { recursive: true })
  renameSync(`${folder}.away`, folder)
  expect(await index()).toMatchObject({ unchanged: 7, instances: 6 })
})

it('W1: a folder on the same disk that was emptied is empty', async () => {
  for (const name of readdirSync(folder)) rmSync(inside(name), { recursive: true })
  expect(await index()).toMatchObject({ files: 0, instances: 0, studies: 0 })
})

it.each([
  ['while it is listed', 'listing'],
  ['while its files are read', 'now'],
] as const)('W1: a disk pulled out %s leaves the index as it was', async (_when, hook) => {
  const before = held()
  for (const name of ['a/I1', 'a/I2', 'b/c/I1']) rewrite(name, 8)
  const database = openIndexDatabase(data)
  const [folderId] = database.prepare('SELECT folderId FROM folder').pluck().all() as string[]
  let left = hook === 'listing' ? 2 : 12
  const pull = (): void => {
    if (--left === 0) renameSync(folder, `${folder}.away`)
  }
  const control: ScanControl = {
    settlingMs: 0,
    proceed: () => Promise.resolve(true),
    progress: () => {},
    committed: () => {},
    now: () => {
      if (hook === 'now') pull()
      return Date.now()
    },
    listing: () => {
      if (hook === 'listing') pull()
    },
  }
  try {
    expect(await new FolderScan(new IndexWriter(database, sameContent)).run(folderId!, folder, control)).toBeNull()
  } finally {
    database.close()
  }
  expect(left).toBeLessThan(1)
  expect(held()).toEqual(before)
})

const later = (name: string, seconds: number): void =>
  utimesSync(inside(name), minuteAgo, new Date(minuteAgo.getTime() + seconds * 1000))
const leftOut = async () => (await index()).skipped.map(({ path: file, code }) => [path.relative(folder, file), code])

it('W1: of two files with one identifier and different content the newer is used; the older is reported', async () => {
  writeInstance(folder, 'corrected/I1', { number: 1, name: 'Erfunden^Corrected' })
  later('corrected/I1', 5)
  expect(await index()).toMatchObject({ files: 8, instances: 6 })
  expect(await leftOut()).toEqual([
    ['a/I1', 'superseded'],
    ['b/notes.txt', 'not-dicom'],
  ])
  unlinkSync(inside('corrected/I1'))
  expect(await leftOut()).toEqual([['b/notes.txt', 'not-dicom']])
})

it('W1: other pixels are other content, copies are not, however many there are', async () => {
  writeInstance(folder, 'copy/I1', { number: 1 })
  writeInstance(folder, 'copy/again/I1', { number: 1 })
  writeInstance(folder, 'pixels/I2', { number: 2, pixels: Uint8Array.of(9, 9, 9, 9) })
  later('copy/I1', 5)
  later('pixels/I2', -5)
  expect(await index()).toMatchObject({ files: 10, instances: 6 })
  expect(await leftOut()).toEqual([
    ['b/notes.txt', 'not-dicom'],
    ['pixels/I2', 'superseded'],
  ])
})
