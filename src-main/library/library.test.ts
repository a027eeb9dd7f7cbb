import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Uid } from '../../src-core/contract/identifiers.ts'
import { StudyQuery } from '../../src-core/contract/studies.ts'
import type { WorkstationEvent } from '../../src-core/contract/workstation.ts'
import type { Library } from '../ports/services.ts'
import { openStorage, type Storage } from '../storage/open-storage.ts'
import { instanceBytes, writeInstance } from './instance.fixture.ts'
import { openLibrary } from './library.ts'

const entry = (file: string): URL => pathToFileURL(path.resolve(import.meta.dirname, file))
let root: string
let folder: string
let storage: Storage
let library: Library
let events: WorkstationEvent[]

async function open(): Promise<void> {
  const dataFolder = path.join(root, 'data')
  const entries = { storage: entry('../storage/worker.ts'), indexer: entry('indexer.ts') }
  storage = await openStorage({ entry: entries.storage, dataFolder })
  library = openLibrary({
    host: { dataFolder, entries, now: () => new Date() },
    events: { emit: (event) => void events.push(event), subscribe: () => () => {} },
    index: storage.index,
  })
}
async function close(): Promise<void> {
  await library.close()
  await storage.close()
}
const list = (query: Partial<StudyQuery> = {}) => library.list(StudyQuery.parse(query))
const settled = (state = 'watching') =>
  vi.waitFor(async () => expect((await library.folders()).map((one) => one.state)).toEqual([state]), {
    timeout: 60_000,
    interval: 20,
  })
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 50 })

async function prepare(): Promise<void> {
  root = mkdtempSync(path.join(tmpdir(), 'library-'))
  folder = path.join(root, 'DICOM')
  mkdirSync(folder)
  events = []
  await open()
}
async function clear(): Promise<void> {
  await close()
  rmSync(root, { recursive: true, force: true })
}

describe('W1: folders', () => {
  beforeEach(prepare)
  afterEach(clear)

  it('W1: a folder that is added is indexed, counted and told of', async () => {
    for (let number = 1; number <= 3; number++) writeInstance(folder, `a/I${number}`, { number })
    writeFileSync(path.join(folder, 'notes.txt'), 'Not an image.')
    const past = new Date(Date.now() - 60_000)
    utimesSync(path.join(folder, 'notes.txt'), past, past)
    await library.addFolder(folder)
    await settled()
    expect(await library.folders()).toMatchObject([{ name: 'DICOM', files: 4, indexed: 3, skipped: 1, progress: null }])
    expect((await list()).rows).toMatchObject([
      { PatientName: 'Erfunden^Änne', series: 1, instances: 3, ModalitiesInStudy: ['CT'], shared: 'none' },
    ])
    expect(events.map((event) => event.type)).toContain('library')
    expect(JSON.stringify(await library.folders())).not.toContain(root)
  })
  it('W1: unreadable files are listed by name with their reason, and never by path', async () => {
    writeInstance(folder, 'good')
    writeFileSync(path.join(folder, 'empty.dcm'), '')
    await library.addFolder(folder)
    await settled()
    const { total, rows } = await library.skipped(0, 10)
    expect(total).toBe(1)
    expect(rows[0]).toMatchObject({ name: 'empty.dcm', code: 'file-unsettled' })
    expect(JSON.stringify(rows)).not.toContain(root)
    // The file stays empty. Once it has not been written to for a while, `empty` is recorded as the reason.
    await eventually(async () =>
      expect((await library.skipped(0, 10)).rows.map((row) => row.code)).toEqual(['file-empty']),
    )
  })
  it('W1: rescan finds files that were moved, rewritten and removed, and leaves unchanged ones alone', async () => {
    for (let number = 1; number <= 4; number++) writeInstance(folder, `I${number}`, { number })
    const { folderId } = await library.addFolder(folder)
    await settled()
    mkdirSync(path.join(folder, 'moved'))
    renameSync(path.join(folder, 'I1'), path.join(folder, 'moved', 'I1'))
    unlinkSync(path.join(folder, 'I2'))
    writeInstance(folder, 'I3', {
      number: 3,
      study: '2.25.999',
      name: 'Anders^Otto',
      pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
    })
    await library.rescan(folderId)
    await eventually(async () => {
      const { rows } = await list({ sort: 'PatientName', descending: false })
      expect(rows.map((row) => [row.PatientName, row.instances])).toEqual([
        ['Anders^Otto', 1],
        ['Erfunden^Änne', 2],
      ])
    })
    const { instances } = await library.selected({
      studies: [{ StudyInstanceUID: '2.25.100' as Uid, series: null }],
      leftOut: [],
    })
    expect(instances.map((one) => path.relative(folder, one.path)).sort()).toEqual(['I4', path.join('moved', 'I1')])
  })
  it('W1: a correction of the name, written into the files, shows and is found', async () => {
    writeInstance(folder, 'I1', { name: 'Flasch^Anna' })
    const { folderId } = await library.addFolder(folder)
    await settled()
    writeInstance(folder, 'I1', { name: 'Richtig^Annemarie' })
    await library.rescan(folderId)
    await eventually(async () =>
      expect((await list({ text: 'richtig' })).rows.map((row) => row.PatientName)).toEqual(['Richtig^Annemarie']),
    )
    expect((await list({ text: 'flasch' })).total).toBe(0)
  })
  it('W1: a watched folder shows what arrives, and what goes', async () => {
    await library.addFolder(folder)
    await settled()
    writeInstance(folder, 'new/I1')
    await eventually(async () => expect((await list()).total).toBe(1))
    rmSync(path.join(folder, 'new'), { recursive: true })
    await eventually(async () => expect((await list()).total).toBe(0))
  })
  it('W1: the same instance twice is one instance, also after its first file is gone', async () => {
    writeInstance(folder, 'a/I1')
    writeInstance(folder, 'b/I1')
    const { folderId } = await library.addFolder(folder)
    await settled()
    expect((await list()).rows).toMatchObject([{ instances: 1 }])
    expect(await library.rows('2.25.100', '2.25.200')).toHaveLength(1)
    unlinkSync(path.join(folder, 'a', 'I1'))
    await library.rescan(folderId)
    await eventually(async () =>
      expect(await library.instance('2.25.100', '2.25.200', '2.25.1')).toEqual({ path: path.join(folder, 'b', 'I1') }),
    )
    expect((await list()).rows).toMatchObject([{ instances: 1 }])
  })
  it('W1: links that lead in a circle end', async () => {
    writeInstance(folder, 'a/I1')
    symlinkSync(folder, path.join(folder, 'a', 'again'))
    await library.addFolder(folder)
    await settled()
    expect(await library.folders()).toMatchObject([{ files: 1 }])
  })
  it('W1: a file that is still being written becomes an instance when it is complete', async () => {
    const whole = instanceBytes()
    writeFileSync(path.join(folder, 'I1'), whole.subarray(0, 200))
    await library.addFolder(folder)
    await settled()
    expect((await library.skipped(0, 10)).rows.map((row) => row.code)).toEqual(['file-unsettled'])
    appendFileSync(path.join(folder, 'I1'), whole.subarray(200))
    await eventually(async () => expect((await list()).total).toBe(1))
  })
  it('W1: a folder that is gone is missing, and what it held stays known until it is removed', async () => {
    writeInstance(folder, 'I1')
    const { folderId } = await library.addFolder(folder)
    await settled()
    renameSync(folder, `${folder}.away`)
    await library.rescan(folderId)
    await settled('missing')
    expect((await list()).total).toBe(1)
    await library.removeFolder(folderId)
    expect((await list()).total).toBe(0)
    expect(await library.folders()).toEqual([])
  })
  it('W1: folders and index are there again after a restart; a paused folder stays paused', async () => {
    writeInstance(folder, 'I1')
    const { folderId } = await library.addFolder(folder)
    await settled()
    await library.pause(folderId, true)
    await close()
    await open()
    expect((await list()).total).toBe(1)
    await settled('paused')
  })
  it('W1: a folder that does not exist is refused', async () => {
    await expect(library.addFolder(path.join(root, 'nowhere'))).rejects.toMatchObject({ code: 'folder-missing' })
    await expect(library.rescan('nothing')).rejects.toMatchObject({ code: 'folder-missing' })
  })
})

describe('W2: browsing', () => {
  beforeAll(async () => {
    await prepare()
    writeInstance(folder, 'a/1', {
      study: '2.25.1',
      series: '2.25.11',
      instance: '2.25.111',
      name: 'Müller^Jörg',
      id: 'P-1',
      birth: '19600312',
      description: 'CT Thorax',
      accession: 'A100',
      date: '20260101',
    })
    writeInstance(folder, 'a/2', {
      study: '2.25.2',
      series: '2.25.21',
      instance: '2.25.211',
      name: 'Yamada^Tarou=山田^太郎',
      id: 'P-2',
      birth: '19710523',
      description: 'MR Brain',
      accession: 'B200',
      date: '20260215',
      modality: 'MR',
    })
    writeInstance(folder, 'a/3', {
      study: '2.25.2',
      series: '2.25.22',
      instance: '2.25.221',
      name: 'Yamada^Tarou=山田^太郎',
      id: 'P-2',
      birth: '19710523',
      description: 'MR Brain',
      accession: 'B200',
      date: '20260215',
      modality: 'SR',
      number: 2,
    })
    await library.addFolder(folder)
    await settled()
  })
  afterAll(clear)

  it.each([
    ['muller', ['2.25.1']],
    ['JÖRG mül', ['2.25.1']],
    ['山田', ['2.25.2']],
    ['p-2', ['2.25.2']],
    ['b20', ['2.25.2']],
    ['thor', ['2.25.1']],
    ['12/03/1960', ['2.25.1']],
    ['19710523', ['2.25.2']],
    ['ller', []],
    ['muller brain', []],
    ['"*(', []],
    ['', ['2.25.2', '2.25.1']],
  ])('W2: search for %j', async (typed, studies) => {
    expect((await list({ text: typed })).rows.map((row) => row.StudyInstanceUID)).toEqual(studies)
  })
  it('W2: every field, date ranges, modalities', async () => {
    const found = async (query: Partial<StudyQuery>) =>
      (await list(query)).rows.map((row) => row.StudyInstanceUID as string)
    expect(await found({ PatientName: 'tarou' })).toEqual(['2.25.2'])
    expect(await found({ PatientID: 'P-1' })).toEqual(['2.25.1'])
    expect(await found({ PatientID: '%' })).toEqual([])
    expect(await found({ AccessionNumber: 'B2' })).toEqual(['2.25.2'])
    expect(await found({ StudyDescription: 'brain' })).toEqual(['2.25.2'])
    expect(await found({ PatientBirthDate: '12/03/1960' })).toEqual(['2.25.1'])
    expect(await found({ Modality: ['SR'] })).toEqual(['2.25.2'])
    expect(await found({ dateFrom: '20260102' })).toEqual(['2.25.2'])
    expect(await found({ dateTo: '20260101' })).toEqual(['2.25.1'])
  })
  it.each(StudyQuery.shape.sort.unwrap().options)(
    'W2: sort by %s both ways, in pages that do not overlap',
    async (sort) => {
      const up = await list({ sort, descending: false })
      const down = await list({ sort, descending: true })
      expect(up.total).toBe(2)
      expect(down.rows.map((row) => row.StudyInstanceUID)).toEqual(up.rows.map((row) => row.StudyInstanceUID).reverse())
      const pages = [
        (await list({ sort, offset: 0, limit: 1 })).rows[0],
        (await list({ sort, offset: 1, limit: 1 })).rows[0],
      ]
      expect(new Set(pages.map((row) => row!.StudyInstanceUID)).size).toBe(2)
    },
  )
  it('W2: study, series and instances', async () => {
    const { study, series } = await library.study('2.25.2')
    expect(study).toMatchObject({ series: 2, instances: 2, ModalitiesInStudy: ['MR', 'SR'] })
    expect(series.map((row) => [row.SeriesInstanceUID, row.instances, row.cover])).toEqual([
      ['2.25.21', 1, '2.25.211'],
      ['2.25.22', 1, '2.25.221'],
    ])
    expect(await library.rows('2.25.2', '2.25.21')).toEqual([
      {
        SOPInstanceUID: '2.25.211',
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        InstanceNumber: 1,
        NumberOfFrames: 1,
        Rows: 2,
        Columns: 2,
        kind: 'image',
      },
    ])
    await expect(library.study('2.25.3')).rejects.toMatchObject({ code: 'study-not-found' })
    await expect(library.rows('2.25.2', '2.25.11')).rejects.toMatchObject({ code: 'series-not-found' })
  })
  it('U1: a selection names whole studies, chosen series, and what is left out', async () => {
    const uid = (text: string) => text as Uid
    const names = async (selection: Parameters<Library['selected']>[0]) =>
      (await library.selected(selection)).instances.map((one) => one.SOPInstanceUID as string)
    expect(await names({ studies: [{ StudyInstanceUID: uid('2.25.2'), series: null }], leftOut: [] })).toEqual([
      '2.25.211',
      '2.25.221',
    ])
    expect(
      await names({ studies: [{ StudyInstanceUID: uid('2.25.2'), series: [uid('2.25.22')] }], leftOut: [] }),
    ).toEqual(['2.25.221'])
    expect(
      await names({
        studies: [
          { StudyInstanceUID: uid('2.25.2'), series: null },
          { StudyInstanceUID: uid('2.25.1'), series: null },
        ],
        leftOut: [uid('2.25.221')],
      }),
    ).toEqual(['2.25.211', '2.25.111'])
    await expect(
      names({ studies: [{ StudyInstanceUID: uid('2.25.1'), series: null }], leftOut: [uid('2.25.111')] }),
    ).rejects.toMatchObject({ code: 'empty-selection' })
    const {
      instances: [one],
    } = await library.selected({ studies: [{ StudyInstanceUID: uid('2.25.1'), series: null }], leftOut: [] })
    expect(one).toMatchObject({
      PatientName: 'Müller^Jörg',
      ImageType: 'ORIGINAL\\PRIMARY',
      BurnedInAnnotation: 'NO',
      ConversionType: '',
      kind: 'image',
      TransferSyntaxUID: '1.2.840.10008.1.2.1',
      SeriesNumber: 3,
    })
  })
  it('W16: a study whose files came just now is marked as arriving', async () => {
    expect((await library.study('2.25.1')).study.arriving).toBe(true)
    expect(
      (await library.selected({ studies: [{ StudyInstanceUID: '2.25.1' as Uid, series: null }], leftOut: [] }))
        .arriving,
    ).toBe(true)
  })
  it('X6: QIDO-RS and WADO-RS metadata of the library', async () => {
    expect((await library.studies(new URLSearchParams('PatientID=P-2')))[0]).toMatchObject({
      '0020000D': { Value: ['2.25.2'] },
      '00100010': { Value: [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' }] },
    })
    expect((await library.series('2.25.2', new URLSearchParams())).map((row) => row['0020000E']!.Value)).toEqual([
      ['2.25.21'],
      ['2.25.22'],
    ])
    expect(await library.instances('2.25.2', null, new URLSearchParams())).toHaveLength(2)
    const [metadata] = await library.metadata('2.25.1', '2.25.11', '2.25.111')
    expect(metadata).toMatchObject({
      '00280010': { vr: 'US', Value: [2] },
      '00083002': { Value: ['1.2.840.10008.1.2.1'] },
    })
    await expect(library.instance('2.25.1', '2.25.21', '2.25.111')).rejects.toMatchObject({
      code: 'instance-not-found',
    })
  })
})
