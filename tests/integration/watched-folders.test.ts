import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { StudyQuery } from '../../src-core/contract/studies.ts'
import type { Library } from '../../src-main/ports/services.ts'
import { openLibrary } from '../../src-main/library/library.ts'
import { openStorage, type Storage } from '../../src-main/storage/open-storage.ts'

const tool = path.resolve(import.meta.dirname, '../../../shared/tools/make_studies.py')
const possible = existsSync(tool) && spawnSync('/usr/bin/python3', ['-c', 'import pydicom, numpy']).status === 0
const FILES = 2000

interface Truth {
  readonly file: string
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  readonly SOPInstanceUID: string
}

let root: string
let folder: string
let truth: Map<string, Truth>
let storage: Storage
let library: Library
let folderId: string

/** Reads truth.tsv by its column names. */
function readTruth(): Map<string, Truth> {
  const [head = '', ...lines] = readFileSync(path.join(folder, 'truth.tsv'), 'utf8').trimEnd().split('\n')
  const columns = head.split('\t')
  return new Map(
    lines.map((line) => {
      const values = line.split('\t')
      const value = (column: string): string => values[columns.indexOf(column)]!
      return [
        value('path'),
        {
          file: value('path'),
          StudyInstanceUID: value('study_uid'),
          SeriesInstanceUID: value('series_uid'),
          SOPInstanceUID: value('sop_instance_uid'),
        },
      ]
    }),
  )
}
const distinct = (pick: (row: Truth) => string): number => new Set([...truth.values()].map(pick)).size

/** Counts the library's contents, and how many of its instances are in the file that the truth names for them. */
async function libraryContents(): Promise<{
  studies: number
  series: number
  instances: number
  files: number
  placed: number
}> {
  const { total, rows } = await library.list(StudyQuery.parse({ limit: 500 }))
  const sum = (pick: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + pick(row), 0)
  const watched = (await library.folders()).find((one) => one.folderId === folderId)
  const { instances } = await library.selected({
    studies: rows.map(({ StudyInstanceUID }) => ({ StudyInstanceUID, series: null })),
    leftOut: [],
  })
  const placed = instances.filter((instance) => {
    const row = truth.get(path.relative(folder, instance.path).split(path.sep).join('/'))
    return (
      row?.StudyInstanceUID === instance.StudyInstanceUID &&
      row.SeriesInstanceUID === instance.SeriesInstanceUID &&
      row.SOPInstanceUID === instance.SOPInstanceUID
    )
  }).length
  return {
    studies: total,
    series: sum((row) => row.series),
    instances: sum((row) => row.instances),
    files: watched?.indexed ?? 0,
    placed,
  }
}
const matches = () =>
  vi.waitFor(
    async () => {
      const instances = distinct((row) => `${row.StudyInstanceUID} ${row.SeriesInstanceUID} ${row.SOPInstanceUID}`)
      expect(await libraryContents()).toEqual({
        studies: distinct((row) => row.StudyInstanceUID),
        series: distinct((row) => `${row.StudyInstanceUID} ${row.SeriesInstanceUID}`),
        instances,
        files: truth.size,
        placed: instances,
      })
    },
    { timeout: 60_000, interval: 200 },
  )

/** Renames a file of the tree, and its entry in the truth. */
function move(from: string, to: string): void {
  mkdirSync(path.dirname(path.join(folder, to)), { recursive: true })
  renameSync(path.join(folder, from), path.join(folder, to))
  truth.set(to, { ...truth.get(from)!, file: to })
  truth.delete(from)
}

describe.skipIf(!possible)('W1: a watched folder of two thousand files', () => {
  beforeAll(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'watched-'))
    folder = path.join(root, 'inbox')
    const made = spawnSync(
      '/usr/bin/python3',
      [tool, '--out', folder, '--files', String(FILES), '--pixels', 'none', '--instances', '10-60', '--jobs', '1'],
      { encoding: 'utf8' },
    )
    if (made.status !== 0) throw new Error(made.stderr)
    truth = readTruth()
    writeFileSync(path.join(folder, 'empty.dcm'), '')
    writeFileSync(path.join(folder, 'readme.txt'), 'No image at all.')
    const dataFolder = path.join(root, 'data')
    const entries = {
      storage: new URL('../../src-main/storage/worker.ts', import.meta.url),
      indexer: new URL('../../src-main/library/indexer.ts', import.meta.url),
    }
    storage = await openStorage({ entry: entries.storage, dataFolder })
    library = openLibrary({
      host: { dataFolder, entries, now: () => new Date() },
      events: { emit: () => {}, subscribe: () => () => {} },
      index: storage.index,
    })
    folderId = (await library.addFolder(folder)).folderId
  })
  afterAll(async () => {
    await library?.close()
    await storage?.close()
    rmSync(root, { recursive: true, force: true })
  })

  it('W1: holds exactly what truth.tsv lists', async () => {
    expect(truth.size).toBeGreaterThanOrEqual(FILES)
    await matches()
  })
  it('W1: files that arrive while it watches are found: copies of a study under other UIDs', async () => {
    const [sample] = truth.values()
    const study = [...truth.values()].filter((row) => row.StudyInstanceUID === sample!.StudyInstanceUID)
    for (const row of study) {
      // Only the last digit of the study's UID changes, so that the file's length stays the same.
      const bytes = readFileSync(path.join(folder, row.file))
      const old = Buffer.from(row.StudyInstanceUID)
      const fresh = `${row.StudyInstanceUID.slice(0, -1)}${(Number(row.StudyInstanceUID.at(-1)) + 5) % 10}`
      for (let at = bytes.indexOf(old); at >= 0; at = bytes.indexOf(old, at + 1)) bytes.write(fresh, at)
      const file = `arrived/${row.SOPInstanceUID}`
      mkdirSync(path.join(folder, 'arrived'), { recursive: true })
      writeFileSync(path.join(folder, file), bytes)
      truth.set(file, { ...row, file, StudyInstanceUID: fresh })
    }
    await matches()
  })
  it('W1: a file rewritten in place, of the same length, counts for what it says now', async () => {
    const row = truth.get([...truth.keys()].find((file) => file.startsWith('arrived/'))!)!
    const bytes = readFileSync(path.join(folder, row.file))
    const fresh = `${row.SeriesInstanceUID.slice(0, -1)}${(Number(row.SeriesInstanceUID.at(-1)) + 5) % 10}`
    for (let at = bytes.indexOf(row.SeriesInstanceUID); at >= 0; at = bytes.indexOf(row.SeriesInstanceUID, at + 1))
      bytes.write(fresh, at)
    writeFileSync(path.join(folder, row.file), bytes)
    truth.set(row.file, { ...row, SeriesInstanceUID: fresh })
    await matches()
  })
  it('W1: renamed files and a renamed directory keep their studies', async () => {
    const [one, other] = [...truth.keys()].filter((file) => !file.startsWith('arrived/'))
    move(one!, 'renamed.dcm')
    move(other!, 'deep/er/moved.dcm')
    for (const file of [...truth.keys()].filter((name) => name.startsWith('arrived/'))) {
      truth.set(file.replace('arrived/', 'taken/'), { ...truth.get(file)!, file: file.replace('arrived/', 'taken/') })
      truth.delete(file)
    }
    renameSync(path.join(folder, 'arrived'), path.join(folder, 'taken'))
    await matches()
  })
  it('W1: a file that is cut off is left out, with its reason, and counts again when it is whole', async () => {
    const [file] = truth.keys()
    const row = truth.get(file!)!
    const whole = readFileSync(path.join(folder, file!))
    const before = (await library.skipped(0, 1)).total
    truncateSync(path.join(folder, file!), 200)
    truth.delete(file!)
    await matches()
    expect((await library.skipped(0, 1)).total).toBe(before + 1)
    appendFileSync(path.join(folder, file!), whole.subarray(200))
    truth.set(file!, row)
    await matches()
  })
  it('W1: removed files, and a removed directory, are gone', async () => {
    const removedFiles = [...truth.keys()].filter((_, index) => index % 7 === 0)
    for (const file of removedFiles) {
      unlinkSync(path.join(folder, file))
      truth.delete(file)
    }
    rmSync(path.join(folder, 'taken'), { recursive: true })
    for (const file of [...truth.keys()].filter((name) => name.startsWith('taken/'))) truth.delete(file)
    await matches()
  })
  it('W1: a folder that is unmounted is missing but not forgotten, and watched again when it is back', async () => {
    renameSync(folder, `${folder}.away`)
    await library.rescan(folderId)
    await vi.waitFor(async () => expect((await library.folders()).map((one) => one.state)).toEqual(['missing']), {
      timeout: 60_000,
      interval: 100,
    })
    await matches()
    renameSync(`${folder}.away`, folder)
    await library.rescan(folderId)
    await vi.waitFor(async () => expect((await library.folders()).map((one) => one.state)).toEqual(['watching']), {
      timeout: 60_000,
      interval: 100,
    })
    await matches()
    const [file] = truth.keys()
    const copy = 'back/again.dcm'
    mkdirSync(path.join(folder, 'back'))
    copyFileSync(path.join(folder, file!), path.join(folder, copy))
    truth.set(copy, { ...truth.get(file!)!, file: copy })
    await matches()
  })
})
