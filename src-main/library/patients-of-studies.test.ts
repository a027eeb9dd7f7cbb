/** The patients of a study, from its files to the list and to the share: no image is attributed to another patient. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Uid } from '../../src-core/contract/identifiers.ts'
import { StudyQuery, type StudyRow } from '../../src-core/contract/studies.ts'
import { patientsOf } from '../../src-core/patient/patients-of.ts'
import { sequenceOf } from '../../tests/support/mutants.ts'
import { openIndexDatabase } from '../storage/index/index-database.ts'
import { IndexReader } from '../storage/index/index-reader.ts'
import { studyAttributes } from './dicomweb-answers.ts'
import { indexFolders, type IndexReport } from './index-command.ts'
import { writeInstance, type Invented } from './instance.fixture.ts'

let folder: string
let data: string
let files: string
let reader: IndexReader | null
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'patients-'))
  ;[data, files] = [path.join(folder, 'data'), path.join(folder, 'files')]
  mkdirSync(data)
  mkdirSync(files)
  reader = null
})
afterEach(() => {
  reader?.close()
  rmSync(folder, { recursive: true, force: true })
})

const ALPHA = { name: 'Alpha^Anna', id: 'ID1', birth: '19500101' }
const BETA = { name: 'Beta^Bo', id: 'ID2', birth: '19600202' }

async function indexed(): Promise<IndexReport> {
  reader?.close()
  const report = await indexFolders(data, [files])
  reader = new IndexReader(data)
  return report
}
const found = (query: Partial<StudyQuery>): StudyRow[] => reader!.list(StudyQuery.parse(query), 0).rows
const names = (row: StudyRow): string[] => [row, ...row.otherPatients].map(({ PatientName }) => PatientName)
const selected = (study: string, series: string[] | null = null) =>
  reader!.selected({ studies: [{ StudyInstanceUID: study as Uid, series: series as Uid[] | null }], leftOut: [] }, 0)
    .instances

describe('a study that holds images of two patients', () => {
  it('W2: names both in the list, by series on the study page, and is found by either', async () => {
    writeInstance(files, 'a1', { ...ALPHA, series: '2.25.1', number: 1 })
    writeInstance(files, 'a2', { ...ALPHA, series: '2.25.1', number: 2 })
    writeInstance(files, 'b', { ...BETA, series: '2.25.2', number: 3 })
    expect((await indexed()).patients).toBe(2)
    for (const query of [
      {},
      ...['alpha', 'beta', 'ID1', 'ID2', '01/01/1950', '02.02.1960'].map((text) => ({ text })),
      ...['Anna', 'Bo'].map((PatientName) => ({ PatientName })),
      ...['ID1', 'ID2'].map((PatientID) => ({ PatientID })),
      ...['19500101', '19600202'].map((PatientBirthDate) => ({ PatientBirthDate })),
    ])
      expect(found(query).map(names), JSON.stringify(query)).toEqual([['Alpha^Anna', 'Beta^Bo']])
    // A name and an ID of two different patients match neither.
    expect(found({ PatientName: 'Anna', PatientID: 'ID2' })).toEqual([])
    const { series } = reader!.study('2.25.100', 0)
    expect(series.map((one) => one.patients.map(({ PatientID }) => PatientID))).toEqual([['ID1'], ['ID2']])
    expect(selected('2.25.100', ['2.25.2']).map(({ PatientName }) => PatientName)).toEqual(['Beta^Bo'])
    expect(patientsOf(selected('2.25.100'))).toHaveLength(2)
  })

  it('W2: names the one whose single image lies in the series of another, whichever file comes first', async () => {
    for (const [index, first] of [ALPHA, BETA].entries()) {
      const study = `2.25.10${index}`
      writeInstance(files, `${index}/0`, { ...first, study, instance: `${study}.0` })
      for (const number of [1, 2])
        writeInstance(files, `${index}/${number}`, { ...ALPHA, study, instance: `${study}.${number}` })
      writeInstance(files, `${index}/3`, { ...BETA, study, instance: `${study}.3` })
    }
    await indexed()
    for (const row of found({})) {
      expect(names(row)).toEqual(['Alpha^Anna', 'Beta^Bo'])
      expect(reader!.study(row.StudyInstanceUID, 0).series[0]!.patients).toHaveLength(2)
    }
  })

  it('W2: names the other no more once the other’s file is gone, and is no longer found by that name', async () => {
    writeInstance(files, 'a', { ...ALPHA, instance: '2.25.1' })
    writeInstance(files, 'b', { ...BETA, instance: '2.25.2' })
    await indexed()
    expect(names(found({})[0]!)).toHaveLength(2)
    rmSync(path.join(files, 'a'))
    expect((await indexed()).patients).toBe(1)
    expect(found({}).map(names)).toEqual([['Beta^Bo']])
    expect(found({ text: 'beta', sort: 'PatientName' }).map(names)).toEqual([['Beta^Bo']])
    expect(found({ text: 'alpha' })).toEqual([])
  })

  it('W2: is one patient’s again once the wrong file was corrected', async () => {
    writeInstance(files, 'a', { ...ALPHA, instance: '2.25.1' })
    writeInstance(files, 'b', { ...BETA, instance: '2.25.2' })
    await indexed()
    writeInstance(files, 'b', { ...ALPHA, instance: '2.25.2', description: 'Corrected to the right patient' })
    await indexed()
    expect(found({}).map(names)).toEqual([['Alpha^Anna']])
    expect(found({ text: 'beta' })).toEqual([])
    expect(found({ text: 'corrected' })).toHaveLength(1)
  })

  it('W2: an index of an earlier version, which knew one patient of each study, is built again', async () => {
    writeInstance(files, 'a', { ...ALPHA, instance: '2.25.1' })
    writeInstance(files, 'b', { ...BETA, instance: '2.25.2' })
    await indexed()
    reader!.close()
    reader = null
    const database = openIndexDatabase(data)
    database.exec(`DROP TABLE study_patient; ALTER TABLE patient DROP COLUMN foldedName;
      ALTER TABLE series DROP COLUMN leastPatient; ALTER TABLE series DROP COLUMN mostPatient; PRAGMA user_version = 4`)
    database.close()
    expect((await indexed()).patients).toBe(2)
    expect(found({ text: 'beta' }).map(names)).toEqual([['Alpha^Anna', 'Beta^Bo']])
  })

  it('W2: answers QIDO-RS with the patient who was asked for', async () => {
    writeInstance(files, 'a', { ...ALPHA, instance: '2.25.1' })
    writeInstance(files, 'b', { ...BETA, instance: '2.25.2' })
    await indexed()
    const [row] = found({ PatientID: 'ID2' })
    for (const [query, id] of [
      [{}, 'ID1'],
      [{ PatientID: 'ID2' }, 'ID2'],
      [{ PatientName: 'beta' }, 'ID2'],
      [{ PatientBirthDate: '19600202' }, 'ID2'],
      [{ PatientName: 'anna' }, 'ID1'],
    ] as const)
      expect(studyAttributes(row!, StudyQuery.parse(query))['00100020']?.Value).toEqual([id])
  })
})

/** Spellings with which scanners and stations write the same patient. */
const HARMLESS: readonly ((person: Required<Pick<Invented, 'name' | 'id' | 'birth'>>) => Invented)[] = [
  (person) => person,
  (person) => ({ ...person, name: `${person.name}^^^` }),
  (person) => ({ ...person, name: `${person.name}=山田^太郎` }),
  (person) => ({ ...person, name: ` ${person.name.toUpperCase()} ` }),
  (person) => ({ ...person, id: ` ${person.id} ` }),
  (person) => ({ ...person, birth: '' }),
  (person) => ({ ...person, issuer: 'HOSPITAL' }),
  (person) => ({ ...person, name: '' }),
]

describe('generated studies', () => {
  it('W2 W15: one to four patients in several spellings are counted and named as exactly these', async () => {
    const pick = sequenceOf(20261127)
    const studies = Array.from({ length: 80 }, (_, number) => {
      const study = `2.25.7${number}`
      const persons = Array.from({ length: 1 + pick(4) }, (_person, index) => ({
        name: `Family${number}x${'ABCD'[index]}^Given${'ABCD'[index]}`,
        id: `P${number}z${index}`,
        birth: `19${40 + pick(50)}0${1 + pick(9)}1${pick(9)}`,
      }))
      let instance = 0
      for (const person of persons) {
        // The plain spelling is always among them, so that every missing value has exactly one candidate.
        const ways = [HARMLESS[0]!, ...Array.from({ length: pick(3) }, () => HARMLESS[pick(HARMLESS.length)]!)]
        for (const way of ways) {
          instance += 1
          const series = `${study}.${pick(2)}`
          writeInstance(files, `${number}/${instance}`, {
            ...way(person),
            study,
            series,
            instance: `${study}.9.${instance}`,
          })
        }
      }
      return { study, persons }
    })
    await indexed()
    for (const { study, persons } of studies) {
      const { study: row, series } = reader!.study(study, 0)
      const count = persons.length
      expect(row.otherPatients, study).toHaveLength(count - 1)
      expect(patientsOf(selected(study)), study).toHaveLength(count)
      for (const { name, id } of persons)
        for (const query of [{ text: id }, { text: name.split('^')[0]! }, { PatientID: id }])
          expect(
            found(query).map((one) => one.StudyInstanceUID),
            JSON.stringify(query),
          ).toEqual([study])
      for (const one of series) {
        const ofSeries = selected(study, [one.SeriesInstanceUID])
        if (count > 1) expect(one.patients).toHaveLength(patientsOf(ofSeries).length)
      }
    }
  })

  it('W15: another name, birth date or issuer under one ID, or no ID, is never the same patient', async () => {
    const contradictions: readonly [Invented, Invented][] = [
      [{ name: 'One^A' }, { name: 'Two^B' }],
      [{ name: 'One^A=一^一' }, { name: 'One^A=二^二' }],
      [{ birth: '19500101' }, { birth: '19500102' }],
      [{ issuer: 'A' }, { issuer: 'B' }],
      [{ id: '' }, {}],
      [
        { id: '', name: 'One^A' },
        { id: '', name: 'Two^B' },
      ],
      [
        { id: '', birth: '19500101' },
        { id: '', birth: '' },
      ],
    ]
    contradictions.forEach((pair, number) =>
      pair.forEach((of, index) =>
        writeInstance(files, `${number}/${index}`, {
          ...of,
          study: `2.25.${number}`,
          instance: `2.25.${number}.${index}`,
        }),
      ),
    )
    await indexed()
    contradictions.forEach((_, number) => {
      expect(reader!.study(`2.25.${number}`, 0).study.otherPatients, String(number)).toHaveLength(1)
      expect(patientsOf(selected(`2.25.${number}`)), String(number)).toHaveLength(2)
    })
  })
})
