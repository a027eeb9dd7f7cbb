import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ImportChoice, ImportState } from '../../src-core/contract/import.ts'
import { StudyQuery } from '../../src-core/contract/studies.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { sequence, text } from '../../src-core/dicom/values.ts'
import type { Library } from '../../src-main/ports/services.ts'
import { instanceBytes, writeInstance } from '../../src-main/library/instance.fixture.ts'
import { openLibrary } from '../../src-main/library/library.ts'
import type { ImportSummary } from '../../src-main/ports/imports.ts'
import { openStorage, type Storage } from '../../src-main/storage/open-storage.ts'
import { rawZip } from '../support/raw-zip.ts'

const shared = path.resolve(import.meta.dirname, '../../../shared/dicom')
const discs = [
  path.join(shared, 'pydicom+pydicom/src/pydicom/data/test_files/dicomdirtests'),
  path.join(shared, 'synth/index/dicomdir'),
].filter((folder) => existsSync(folder))

let root: string
let data: string
let disc: string
let storage: Storage
let library: Library
let records: ImportSummary[]

async function open(dataFolder = path.join(root, 'data')): Promise<void> {
  data = dataFolder
  const entries = {
    storage: new URL('../../src-main/storage/worker.ts', import.meta.url),
    indexer: new URL('../../src-main/library/indexer.ts', import.meta.url),
  }
  storage = await openStorage({ entry: entries.storage, dataFolder })
  library = openLibrary({
    host: { dataFolder, entries, now: () => new Date('2026-11-21T10:30:00Z') },
    events: { emit: () => {}, subscribe: () => () => {} },
    index: storage.index,
  })
}
async function close(): Promise<void> {
  await library.close()
  await storage.close()
}
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'import-'))
  disc = path.join(root, 'disc')
  mkdirSync(disc)
  records = []
  await open()
})
afterEach(async () => {
  await close()
  rmSync(root, { recursive: true, force: true })
})

const reached = async (importId: string, ...phases: ImportState['phase'][]): Promise<ImportState> => {
  const state = await vi.waitFor(
    () => {
      const now = library.imports.state(importId)
      expect([...phases, 'failed']).toContain(now.phase)
      return now
    },
    { timeout: 60_000, interval: 20 },
  )
  expect(phases, state.reason ?? '').toContain(state.phase)
  return state
}
const scanned = async (source: string): Promise<ImportState> =>
  reached((await library.imports.scan(source)).importId, 'ready')
const refused = async (source: string): Promise<string | null> =>
  (await reached((await library.imports.scan(source)).importId, 'failed')).reason
const acceptAll = ({ patients }: ImportState): ImportChoice[] =>
  patients.map(({ patientKey }) => ({ patientKey, choice: 'accept' }))
async function imported(state: ImportState, choices = acceptAll(state)): Promise<void> {
  library.imports.start(state.importId, choices, async (summary) => void records.push(summary))
  await reached(state.importId, 'done')
}
const rows = async () =>
  (await library.list(StudyQuery.parse({ sort: 'PatientName', descending: false, limit: 500 }))).rows
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 50 })
const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .sort()
    : []
const hashes = (folder: string): string[] =>
  filesBelow(folder)
    .map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'))
    .sort()
const nothingLeft = (): void => {
  expect(filesBelow(path.join(data, 'imported'))).toEqual([])
  expect(existsSync(path.join(data, 'importing')) ? readdirSync(path.join(data, 'importing')) : []).toEqual([])
}

describe('X7: discs, sticks and ZIPs', () => {
  it.skipIf(discs.length === 0)(
    'X7: every image of discs with a DICOMDIR comes in, byte by byte, and as a ZIP the same',
    async () => {
      for (const [number, tree] of discs.entries()) {
        const source = path.join(root, `tree${number}`)
        cpSync(tree, source, { recursive: true })
        const zip = path.join(root, `tree${number}.zip`)
        writeFileSync(
          zip,
          rawZip(
            filesBelow(source).map((file) => ({
              name: `disc/${path.relative(source, file)}`,
              content: readFileSync(file),
              stored: file.length % 2 === 0,
            })),
          ),
        )
        const truth = JSON.parse(
          spawnSync(
            process.execPath,
            [
              '--disable-warning=ExperimentalWarning',
              path.resolve(import.meta.dirname, '../../src-main/entries/command-line.ts'),
              'index',
              source,
              '--data',
              mkdtempSync(path.join(root, 'truth-')),
              '--json',
            ],
            { encoding: 'utf8' },
          ).stdout,
        ) as { indexed: number; instances: number }
        const before = hashes(source)
        for (const from of [source, zip]) {
          const state = await scanned(from)
          expect(state.patients.reduce((sum, patient) => sum + patient.instances, 0)).toBe(truth.instances)
          await imported(state)
          const copies = filesBelow(path.join(data, 'imported'))
          expect(copies).toHaveLength(truth.indexed)
          expect(before).toEqual(expect.arrayContaining([...new Set(hashes(path.join(data, 'imported')))]))
          // Gives the copies the names that files on a disc have.
          for (const file of copies)
            expect(path.relative(path.join(data, 'imported'), file)).toMatch(
              /^2026-11-21-[0-9a-f]{8}[\\/][0-9a-f]{12}[\\/][0-9a-f]{12}[\\/][0-9a-f]{20}(-\d+)?\.dcm$/,
            )
          rmSync(path.join(data, 'imported'), { recursive: true })
        }
        expect(hashes(source)).toEqual(before)
      }
      expect(records).toHaveLength(discs.length * 2)
    },
  )
  it('X7: files that a DICOMDIR names and the disc lacks are counted; others are found anyway', async () => {
    const tree = discs.find((folder) => folder.includes('synth')) ?? discs[0]
    if (!tree) return
    cpSync(tree, disc, { recursive: true })
    const whole = await scanned(disc)
    await library.imports.cancel(whole.importId)
    const first = filesBelow(disc).find((file) => !path.basename(file).startsWith('DICOMDIR'))!
    rmSync(first)
    writeInstance(disc, 'EXTRA', {
      study: '2.25.5',
      series: '2.25.55',
      instance: '2.25.555',
      name: 'Zusatz^Zoe',
      id: 'Z-5',
    })
    const state = await scanned(disc)
    expect(state.missing).toBe(whole.missing + 1)
    expect(state.patients.map((patient) => patient.identity.PatientName)).toContain('Zusatz^Zoe')
  })
  it('X7: patients stand beside those of the library that they may be', async () => {
    const own = path.join(root, 'own')
    writeInstance(own, '1', {
      study: '2.25.1',
      series: '2.25.11',
      instance: '2.25.111',
      name: 'Müller^Jörg',
      id: 'P-1',
      birth: '19600312',
    })
    writeInstance(own, '2', {
      study: '2.25.2',
      series: '2.25.21',
      instance: '2.25.211',
      name: 'Anders^Otto',
      id: 'P-2',
      birth: '19500101',
    })
    await library.addFolder(own)
    await eventually(async () => expect(await rows()).toHaveLength(2))
    writeInstance(disc, 'a', {
      study: '2.25.3',
      series: '2.25.31',
      instance: '2.25.311',
      name: 'MUELLER^JORG',
      id: 'X-9',
      birth: '19600312',
    })
    writeInstance(disc, 'b', {
      study: '2.25.4',
      series: '2.25.41',
      instance: '2.25.411',
      name: 'Fremd^Frieda',
      id: 'P-2',
      birth: '19880808',
    })
    writeInstance(disc, 'c', {
      study: '2.25.2',
      series: '2.25.21',
      instance: '2.25.211',
      name: 'Anders^Otto',
      id: 'P-2',
      birth: '19500101',
    })
    writeInstance(disc, 'd', {
      study: '2.25.6',
      series: '2.25.61',
      instance: '2.25.611',
      name: 'Neu^Nora',
      id: 'N-1',
      birth: '20000101',
    })
    const { patients, importId } = await scanned(disc)
    const seen = Object.fromEntries(
      patients.map((patient) => [
        patient.identity.PatientName,
        [
          patient.matches.map((match) => `${match.likeness} ${match.identity.PatientName}`),
          patient.proposal,
          patient.known,
        ],
      ]),
    )
    expect(seen).toEqual({
      'MUELLER^JORG': [['similar Müller^Jörg'], null, 0],
      'Fremd^Frieda': [['same-id Anders^Otto'], null, 0],
      'Anders^Otto': [['same Anders^Otto'], 'accept', 1],
      'Neu^Nora': [[], 'accept', 0],
    })
    expect(() => library.imports.start(importId, [{ patientKey: '0', choice: 'accept' }], async () => {})).toThrow(
      'import-choice-missing',
    )
    await library.imports.cancel(importId)
    nothingLeft()
  })
  it('X7: a corrected copy has the library’s identity and names its own; a separate copy has a new one', async () => {
    const own = path.join(root, 'own')
    writeInstance(own, '1', {
      study: '2.25.1',
      series: '2.25.11',
      instance: '2.25.111',
      name: 'Müller^Jörg',
      id: 'P-1',
      birth: '19600312',
    })
    await library.addFolder(own)
    await eventually(async () => expect(await rows()).toHaveLength(1))
    writeInstance(disc, 'a', {
      study: '2.25.3',
      series: '2.25.31',
      instance: '2.25.311',
      name: 'Mueller^Jorg',
      id: 'X-9',
      birth: '19600312',
      pixels: Uint8Array.from({ length: 70_000 }, (_, at) => at),
    })
    writeInstance(disc, 'b', {
      study: '2.25.4',
      series: '2.25.41',
      instance: '2.25.411',
      name: 'Fremd^Frieda',
      id: 'P-1',
      birth: '19880808',
    })
    const before = hashes(disc)
    const state = await scanned(disc)
    const [first, second] = state.patients
    await imported(state, [
      { patientKey: first!.patientKey, choice: 'correct', matchKey: first!.matches[0]!.matchKey },
      { patientKey: second!.patientKey, choice: 'apart' },
    ])
    expect(hashes(disc)).toEqual(before)
    await eventually(async () =>
      expect((await rows()).map((row) => row.PatientName)).toEqual(['Fremd^Frieda', 'Müller^Jörg', 'Müller^Jörg']),
    )
    const [apart, ...same] = await rows()
    expect(new Set(same.map((row) => `${row.IssuerOfPatientID}|${row.PatientID}`)).size).toBe(1)
    expect(apart!.PatientID).toBe('P-1')
    expect(apart!.IssuerOfPatientID).toMatch(/^OUTPOST-IMPORT-[0-9A-F]{12}$/)
    const source = await library.instance('2.25.3', '2.25.31', '2.25.311')
    if (!('path' in source)) throw new Error('the library gives files')
    const copy = source.path
    const [original, corrected] = [parseDicom(readFileSync(path.join(disc, 'a'))), parseDicom(readFileSync(copy))]
    const [change] = sequence(corrected.dataset, TAG.OriginalAttributesSequence)
    const [was] = sequence(change!, TAG.ModifiedAttributesSequence)
    expect([text(was!, TAG.PatientName), text(was!, TAG.PatientID), [...was!.elements.keys()]]).toEqual([
      'Mueller^Jorg',
      'X-9',
      [TAG.PatientName, TAG.PatientID],
    ])
    expect(text(change!, TAG.AttributeModificationDateTime)).toBe('20261121103000.000000+0000')
    expect(text(change!, TAG.ReasonForTheAttributeModification)).toBe('COERCE')
    expect([text(change!, TAG.ModifyingSystem), text(change!, TAG.SourceOfPreviousValues)]).toEqual([
      'OUTPOST',
      'IMPORTED MEDIA',
    ])
    const touched = new Set<number>([TAG.PatientName, TAG.PatientID, TAG.OriginalAttributesSequence])
    const otherElements = ({ dataset }: typeof original) =>
      [...dataset.elements.values()]
        .filter(({ tag }) => !touched.has(tag))
        .map(({ start, end }) => Buffer.from(dataset.bytes.subarray(start, end)).toString('hex'))
    expect(otherElements(corrected)).toEqual(otherElements(original))
    expect(records).toMatchObject([
      { patients: 2, instances: 2, accepted: 0, corrected: 1, apart: 1, studies: ['2.25.3', '2.25.4'] },
    ])
  })
})

describe('X7: ZIPs that nobody vouches for', () => {
  const zip = (entries: Parameters<typeof rawZip>[0], name = 'disc.zip'): string => {
    const file = path.join(root, name)
    writeFileSync(file, rawZip(entries))
    return file
  }
  it.each(['../outside.dcm', '/etc/outside.dcm', 'a/../../outside.dcm', '..\\outside.dcm', 'C:\\outside.dcm'])(
    'X7: a name that leads out is refused: %s',
    async (name) => {
      expect(
        await refused(
          zip([
            { name: 'a', content: instanceBytes() },
            { name, content: instanceBytes() },
          ]),
        ),
      ).toBe('archive-unsafe')
      nothingLeft()
      expect(filesBelow(root).some((file) => file.includes('outside'))).toBe(false)
    },
  )
  it('X7: a link is refused', async () => {
    expect(await refused(zip([{ name: 'link', content: Buffer.from('/etc/passwd'), mode: 0o120777 }]))).toBe(
      'archive-unsafe',
    )
    nothingLeft()
  })
  it('X7: a bomb is refused before a byte of it is written', async () => {
    expect(await refused(zip([{ name: 'bomb', content: Buffer.alloc(80 * 2 ** 20) }]))).toBe('archive-too-large')
    expect(await refused(zip([{ name: 'bomb', content: Buffer.alloc(1000), size: 0xfffffff0 }]))).toBe(
      'archive-too-large',
    )
    nothingLeft()
  })
  it('X7: entries that share their bytes are refused', async () => {
    const content = Buffer.alloc(2 ** 20)
    expect(
      await refused(
        zip([
          { name: '0', content },
          ...Array.from({ length: 200 }, (_, at) => ({ name: `${at + 1}`, content, shared: true })),
        ]),
      ),
    ).toBe('archive-unsafe')
    nothingLeft()
  })
  it.each([
    ['more than it says', { size: 100 }],
    ['less than it says', { size: 10_000 }],
    ['another checksum', { crc: 1 }],
  ])('X7: a file of %s is refused', async (_what, lie) => {
    expect(
      await refused(
        zip([
          { name: 'good', content: instanceBytes() },
          { name: 'a', content: instanceBytes({ number: 2 }), ...lie },
        ]),
      ),
    ).toBe('archive-damaged')
    nothingLeft()
  })
  it('X7: a password, a ZIP that was cut off, and one of nothing say so', async () => {
    expect(await refused(zip([{ name: 'a', content: instanceBytes(), flags: 1 }]))).toBe('archive-encrypted')
    const cut = zip([{ name: 'a', content: instanceBytes() }])
    writeFileSync(cut, readFileSync(cut).subarray(0, -30))
    expect(await refused(cut)).toBe('archive-damaged')
    expect(await refused(zip([{ name: 'readme.txt', content: Buffer.from('nothing here') }]))).toBe(
      'import-nothing-found',
    )
    nothingLeft()
  })
  it('X7: any archive with a byte changed ends in a whole import or a code, never in half of one', async () => {
    const good = rawZip([
      { name: 'a/1', content: instanceBytes() },
      { name: 'a/2', content: instanceBytes({ number: 2 }), stored: true },
    ])
    const file = path.join(root, 'mutant.zip')
    for (let at = 0; at < good.length; at += 37) {
      const mutant = Buffer.from(good)
      mutant[at] = mutant[at]! ^ 0x5a
      writeFileSync(file, mutant)
      const state = await reached((await library.imports.scan(file)).importId, 'ready', 'failed')
      if (state.phase === 'failed') expect(state.reason).toMatch(/^(archive-|import-nothing-found)/)
      else await library.imports.cancel(state.importId)
      nothingLeft()
    }
  })
})

describe('X7: all or nothing', () => {
  const fill = (count: number, size = 20_000): void => {
    for (let number = 1; number <= count; number++)
      writeInstance(disc, `I${String(number).padStart(4, '0')}`, { number, pixels: new Uint8Array(size).fill(number) })
  }
  it('X7: a disc that is pulled out half-way leaves nothing behind', async () => {
    fill(60)
    const state = await scanned(disc)
    mkdirSync(path.join(root, 'away'))
    for (const name of readdirSync(disc).slice(30)) renameSync(path.join(disc, name), path.join(root, 'away', name))
    library.imports.start(state.importId, acceptAll(state), async (summary) => void records.push(summary))
    expect(await reached(state.importId, 'failed', 'done')).toMatchObject({
      phase: 'failed',
      reason: 'import-source-gone',
    })
    nothingLeft()
    expect(records).toEqual([])
    expect(await library.folders()).toEqual([])
    for (const name of readdirSync(path.join(root, 'away')))
      renameSync(path.join(root, 'away', name), path.join(disc, name))
    await imported(await scanned(disc))
    expect(hashes(path.join(data, 'imported'))).toEqual(hashes(disc))
  })
  it('X7: a file that changes between looking and copying refuses the import', async () => {
    fill(3)
    const state = await scanned(disc)
    writeInstance(disc, 'I0002', { number: 2, name: 'Anders^Otto', pixels: new Uint8Array(30) })
    library.imports.start(state.importId, acceptAll(state), async () => {})
    expect(await reached(state.importId, 'failed')).toMatchObject({ reason: 'file-changed' })
    nothingLeft()
  })
  it('X7: a cancelled import leaves nothing behind, while it looks and while it copies', async () => {
    fill(300, 100_000)
    const scan = await library.imports.scan(disc)
    await library.imports.cancel(scan.importId)
    expect(library.imports.state(scan.importId).phase).toBe('cancelled')
    nothingLeft()
    const state = await scanned(disc)
    library.imports.start(state.importId, acceptAll(state), async (summary) => void records.push(summary))
    await library.imports.cancel(state.importId)
    expect(library.imports.state(state.importId).phase).toBe('cancelled')
    nothingLeft()
    expect(records).toEqual([])
  })
  it('X7: an import that the audit log cannot take is undone; only one runs at a time', async () => {
    fill(2)
    const state = await scanned(disc)
    await expect(library.imports.scan(disc)).rejects.toMatchObject({ code: 'import-running' })
    library.imports.start(state.importId, acceptAll(state), () =>
      Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
    )
    expect(await reached(state.importId, 'failed')).toMatchObject({ reason: 'disk-full' })
    nothingLeft()
  })
  it('X7: what a power cut left half made is swept away at the next start', async () => {
    await close()
    mkdirSync(path.join(data, 'importing', 'left', 'copies'), { recursive: true })
    writeFileSync(path.join(data, 'importing', 'left', 'copies', 'a.dcm'), instanceBytes())
    await open()
    await eventually(async () => nothingLeft())
    expect(await rows()).toEqual([])
  })
  const mountable = process.getuid?.() === 0 && process.platform === 'linux'
  it.skipIf(!mountable)(
    'X7: a full disk leaves nothing behind, whether it is full before or while copying',
    async () => {
      const small = path.join(root, 'small')
      mkdirSync(small)
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', small]).status !== 0)
        return expect(statSync(small).isDirectory()).toBe(true)
      try {
        await close()
        await open(path.join(small, 'data'))
        fill(2)
        const state = await scanned(disc)
        library.imports.start(state.importId, acceptAll(state), async () => {})
        expect(await reached(state.importId, 'failed', 'done')).toMatchObject({ reason: 'disk-full' })
        nothingLeft()
        // Writes incompressible data, more than there is room for, during the unpacking.
        const noise = Buffer.alloc(40 * 2 ** 20)
        for (let at = 0; at < noise.length; at += 4) noise.writeUInt32LE((at * 2654435761) >>> 0, at)
        const zip = path.join(root, 'large.zip')
        writeFileSync(zip, rawZip([{ name: 'a', content: instanceBytes({ pixels: noise }), stored: true }]))
        expect(await refused(zip)).toBe('disk-full')
        nothingLeft()
      } finally {
        await close()
        await open(path.join(root, 'data'))
        spawnSync('umount', [small])
      }
    },
  )
})
