import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StudyQuery } from '../../../src-core/contract/studies.ts'
import { openLedgerDatabase } from '../ledger/ledger-database.ts'
import { openDatabase } from '../database.ts'
import { INDEX_MIGRATIONS, openIndexDatabase } from './index-database.ts'
import { IndexReader } from './index-reader.ts'
import { IndexWriter } from './index-writer.ts'
import { dateWord, folded, matchExpression } from './search-words.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'index-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Adds studies 1.2.0, 1.2.1 … with one instance each. */
function fill(count: number): void {
  const database = openIndexDatabase(folder)
  const writer = new IndexWriter(database, () => true)
  writer.begin()
  const directoryKey = writer.directory(writer.folder('folder', '/nowhere'), '')
  const formKey = writer.form({
    SOPClassUID: '1.1',
    TransferSyntaxUID: '1.1',
    ImageType: '',
    BurnedInAnnotation: '',
    ConversionType: '',
    PhotometricInterpretation: 'MONOCHROME2',
    SamplesPerPixel: 1,
    BitsAllocated: 16,
    oriented: 1,
    NumberOfFrames: 1,
    Rows: 1,
    Columns: 1,
    kind: 'image',
  })
  for (let number = 0; number < count; number++) {
    const patient = {
      PatientName: `Fiction^Number${number}`,
      PatientID: `F-${number}`,
      IssuerOfPatientID: '',
      PatientBirthDate: '19600101',
      PatientSex: '',
    }
    const patientKey = writer.patient(patient)
    const studyKey = writer.study(
      {
        StudyInstanceUID: `1.2.${number}`,
        StudyDate: String(20200101 + (number % 28)),
        StudyTime: '',
        StudyDescription: 'CT',
        AccessionNumber: `A${number}`,
      },
      patientKey,
    )
    const seriesKey = writer.series(studyKey, {
      SeriesInstanceUID: `1.3.${number}`,
      Modality: 'CT',
      SeriesNumber: 1,
      SeriesDescription: '',
      BodyPartExamined: '',
    })
    writer.instance(
      directoryKey,
      `${number}`,
      { size: 1, mtimeMs: 1, changedMs: 1 },
      { patientKey, studyKey, seriesKey, formKey },
      `1.4.${number}`,
      1,
    )
  }
  writer.commit()
  database.close()
}

describe('W2: the table of studies', () => {
  it('W2: says what became of the shares of a study, once there is a ledger', () => {
    fill(3)
    const reader = new IndexReader(folder)
    const marks = (query: Partial<StudyQuery> = {}) =>
      reader
        .list(StudyQuery.parse({ sort: 'shared', descending: true, ...query }), 0)
        .rows.map((row) => [row.StudyInstanceUID, row.shared])
    expect(marks()).toEqual([
      ['1.2.2', 'none'],
      ['1.2.1', 'none'],
      ['1.2.0', 'none'],
    ])
    const ledger = openLedgerDatabase(folder)
    ledger.prepare("INSERT INTO study_mark VALUES ('1.2.1', 'failed'), ('1.2.0', 'delivered')").run()
    expect(marks()).toEqual([
      ['1.2.1', 'failed'],
      ['1.2.0', 'delivered'],
      ['1.2.2', 'none'],
    ])
    expect(marks({ notShared: true })).toEqual([['1.2.2', 'none']])
    expect(reader.study('1.2.1', 0).study.shared).toBe('failed')
    ledger.close()
    reader.close()
  })
  it('W2: the reader cannot write, neither the index nor the ledger', () => {
    fill(1)
    openLedgerDatabase(folder).close()
    const reader = new IndexReader(folder)
    const { database } = reader as unknown as { database: ReturnType<typeof openIndexDatabase> }
    expect(() => database.prepare('DELETE FROM study').run()).toThrow(/readonly/)
    expect(() => database.prepare('DELETE FROM ledger.study_mark').run()).toThrow(/readonly/)
    reader.close()
  })
  it('W2: 20,000 studies are searched and sorted while a key is pressed', { timeout: 120_000 }, () => {
    // The studies are written first, which takes a second on an idle machine.
    fill(20_000)
    const reader = new IndexReader(folder)
    const times: number[] = []
    for (const query of [
      {},
      { text: 'fic' },
      { text: 'number777' },
      { sort: 'PatientName' as const },
      { sort: 'AccessionNumber' as const, offset: 19_900 },
      { notShared: true, text: 'fiction ct' },
    ]) {
      for (let turn = 0; turn < 5; turn++) {
        const started = performance.now()
        reader.list(StudyQuery.parse(query), 0)
        times.push(performance.now() - started)
      }
    }
    const started = performance.now()
    const { database } = reader as unknown as { database: ReturnType<typeof openIndexDatabase> }
    database.prepare('SELECT * FROM study ORDER BY StudyDescription').all()
    const readingAll = performance.now() - started
    reader.close()
    // A query that does not use its index, and reads all studies for each study, must fail this limit.
    expect(times.sort((one, other) => one - other)[times.length >> 1]).toBeLessThan(10 * readingAll)
  })
  it('W1: an index that is damaged is made anew', () => {
    fill(1)
    for (const ending of ['-wal', '-shm']) rmSync(path.join(folder, `index.db${ending}`), { force: true })
    writeFileSync(
      path.join(folder, 'index.db'),
      'This is not a database at all, only a sentence that is long enough to be taken for a page; nothing else.',
    )
    const reader = new IndexReader(folder)
    expect(reader.list(StudyQuery.parse({}), 0).total).toBe(0)
    reader.close()
  })
})

describe('W2: words as they are typed', () => {
  it.each([
    ['Müller', 'muller'],
    ['Šárka', 'sarka'],
    ['Sørensen', 'sorensen'],
    ['Yılmaz', 'yilmaz'],
    ['Weiß', 'weiss'],
    ['ＡＢＣ', 'abc'],
    ['山田', '山田'],
  ])('W2: %s is found as %s', (text, plain) => {
    expect(folded(text)).toBe(plain)
  })
  it.each([
    ['12/03/1960', '19600312'],
    ['1.3.1960', '19600301'],
    ['1960-03-12', '19600312'],
    ['12', '12'],
  ])('W2: the date %s is %s', (typed, date) => {
    expect(dateWord(typed)).toBe(date)
  })
  it('W2: nothing that is typed is an operator', () => {
    expect(matchExpression('mul* OR "x" NEAR(a)')).toBe('"mul"* "or"* "x"* "near"* "a"*')
    expect(matchExpression(' *() ')).toBeNull()
  })
})

it('D5: an index that does not know of colour and geometry starts empty, and is filled again from the folders', () => {
  const before = openDatabase(path.join(folder, 'index.db'), {
    migrations: INDEX_MIGRATIONS.slice(
      0,
      INDEX_MIGRATIONS.findIndex(({ name }) => name.endsWith('forms-that-show-screens')),
    ),
    durability: 'normal',
  })
  before.exec(`INSERT INTO folder (folderKey, folderId, path) VALUES (1, 'folder', '/nowhere');
    INSERT INTO directory (directoryKey, folderKey, path, digest, files) VALUES (1, 1, '', 7, 1);
    INSERT INTO file (directoryKey, name, size, mtimeMs) VALUES (1, 'a.dcm', 1, 1);`)
  before.close()
  const after = openIndexDatabase(folder)
  const count = (table: string): unknown => after.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
  expect([count('folder'), count('directory'), count('file'), count('form')]).toEqual([1, 0, 0, 0])
  after.close()
  fill(2)
  const reader = new IndexReader(folder)
  expect(reader.place(null, null, '1.4.0')?.oriented).toBe(true)
  reader.close()
})
