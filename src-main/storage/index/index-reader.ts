/** Queries of index.db for the pages and the services. It only reads; the indexer writes through another connection. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type Database from 'better-sqlite3'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { MAX_OTHER_PATIENTS } from '../../../src-core/contract/studies.ts'
import type { Uid } from '../../../src-core/contract/identifiers.ts'
import type { InstanceRow, Patient, SeriesRow, StudyQuery, StudyRow } from '../../../src-core/contract/studies.ts'
import type { Selection } from '../../../src-core/contract/terms.ts'
import { patientKey, type StatedPatient } from '../../../src-core/patient/patient-key.ts'
import { patientsOf } from '../../../src-core/patient/patients-of.ts'
import type { SelectedInstance } from '../../ports/records.ts'
import { openIndexDatabase } from './index-database.ts'
import type { PatientFields } from './study-fields.ts'
import { studySql } from './study-query.ts'

/** Milliseconds. Files were added to a study more recently than this: more may follow (W16). */
const ARRIVING_MS = 60_000

export interface FolderCounts {
  readonly folderId: string
  readonly files: number
  readonly indexed: number
  readonly skipped: number
}
export interface SkippedRow {
  readonly folderId: string
  readonly path: string
  readonly name: string
  readonly code: string
}

const STUDY_COLUMNS = `study.studyKey, study.StudyInstanceUID, patient.PatientName, patient.PatientID,
  patient.IssuerOfPatientID, patient.PatientBirthDate, patient.PatientSex,
  study.StudyDate, study.StudyTime, study.StudyDescription, study.AccessionNumber, study.ModalitiesInStudy,
  study.series, study.instances, study.newestMs, coalesce(mark, 'none') AS shared,
  (SELECT count(*) FROM study_patient WHERE study_patient.studyKey = study.studyKey) AS stated`

const PATIENT_COLUMNS = 'patient.PatientName, patient.PatientID, patient.IssuerOfPatientID, patient.PatientBirthDate'

/**
 * Of several files with the same SOP instance, the first indexed one that is not superseded. SQLite takes the bare
 * columns from the row of min().
 */
const INSTANCE_COLUMNS = `min(file.superseded * 4503599627370496 + file.fileKey) AS fileKey, file.SOPInstanceUID,
  form.SOPClassUID, file.InstanceNumber, form.NumberOfFrames, form."Rows", form."Columns", form.kind`

export class IndexReader {
  private readonly database: Database.Database
  private readonly ledgerPath: string
  private marks: boolean

  /**
   * @param dataFolder contains index.db, and optionally ledger.db, whose marks of shared studies are read
   * @param database when it is open already; afterwards nothing can be written through it
   */
  constructor(dataFolder: string, database = openIndexDatabase(dataFolder)) {
    this.database = database
    this.ledgerPath = path.join(dataFolder, 'ledger.db')
    this.marks = false
    this.attachMarks()
    this.database.pragma('query_only = ON')
  }

  /** A page of the list of studies, and the number of all matching studies (W2). */
  list(query: StudyQuery, nowMs: number): { total: number; rows: StudyRow[] } {
    this.attachMarks()
    const { where, order, values } = studySql(query)
    const from = `FROM study JOIN patient USING (patientKey) ${this.markJoin()} ${where}`
    const total = this.database
      .prepare(`SELECT count(*) ${from}`)
      .pluck()
      .get(...values) as number
    const rows = this.database
      .prepare(`SELECT ${STUDY_COLUMNS} ${from} ORDER BY ${order} LIMIT ? OFFSET ?`)
      .all(...values, query.limit, query.offset) as StoredStudy[]
    return { total, rows: rows.map((row) => this.studyRow(row, nowMs)) }
  }

  /** @error study-not-found */
  study(StudyInstanceUID: string, nowMs: number): { study: StudyRow; series: SeriesRow[] } {
    this.attachMarks()
    const row = this.database
      .prepare(
        `SELECT ${STUDY_COLUMNS} FROM study JOIN patient USING (patientKey) ${this.markJoin()}
          WHERE StudyInstanceUID = ?`,
      )
      .get(StudyInstanceUID) as StoredStudy | undefined
    if (!row) throw new OutpostError('study-not-found')
    const series = this.database
      .prepare(`SELECT seriesKey, SeriesInstanceUID, Modality, SeriesNumber, SeriesDescription, BodyPartExamined,
        series.instances
      FROM series JOIN study USING (studyKey) WHERE StudyInstanceUID = ? AND series.instances > 0
      ORDER BY SeriesNumber IS NULL, SeriesNumber, SeriesInstanceUID`)
      .all(StudyInstanceUID) as (SeriesRow & { seriesKey: number })[]
    const study = this.studyRow(row, nowMs)
    const cover = this.database
      .prepare(`SELECT SOPInstanceUID
      FROM (SELECT DISTINCT SOPInstanceUID, InstanceNumber FROM file WHERE seriesKey = ?)
      ORDER BY InstanceNumber IS NULL, InstanceNumber, SOPInstanceUID LIMIT 1 OFFSET ?`)
      .pluck()
    return {
      study,
      series: series.map(({ seriesKey, ...fields }) => ({
        ...fields,
        patients: study.otherPatients.length > 0 ? this.patientsOfSeries(seriesKey, study.StudyInstanceUID) : [],
        cover: (cover.get(seriesKey, Math.floor((fields.instances - 1) / 2)) ??
          cover.get(seriesKey, 0)) as SeriesRow['cover'],
      })),
    }
  }

  /** Instances of a series in reading order. @error study-not-found, series-not-found */
  instances(StudyInstanceUID: string, SeriesInstanceUID: string): InstanceRow[] {
    const rows = this.database
      .prepare(`SELECT ${INSTANCE_COLUMNS} FROM file JOIN form USING (formKey) WHERE seriesKey = ?
      GROUP BY file.SOPInstanceUID ORDER BY file.InstanceNumber IS NULL, file.InstanceNumber, file.SOPInstanceUID`)
      .all(this.seriesKey(StudyInstanceUID, SeriesInstanceUID)) as (InstanceRow & { fileKey: number })[]
    return rows.map(withoutFileKey)
  }

  /**
   * Returns exactly the instances of a selection, with all attributes that decide on sharing them.
   * @error study-not-found, series-not-found, empty-selection
   */
  selected(selection: Selection, nowMs: number): { instances: SelectedInstance[]; arriving: boolean } {
    const leftOut = new Set<string>(selection.leftOut)
    const instances: SelectedInstance[] = []
    let arriving = false
    for (const { StudyInstanceUID, series } of selection.studies) {
      const study = this.database
        .prepare('SELECT studyKey, newestMs FROM study WHERE StudyInstanceUID = ?')
        .get(StudyInstanceUID) as { studyKey: number; newestMs: number } | undefined
      if (!study) throw new OutpostError('study-not-found')
      arriving ||= nowMs - study.newestMs < ARRIVING_MS
      const keys =
        series?.map((SeriesInstanceUID) => this.seriesKey(StudyInstanceUID, SeriesInstanceUID)) ??
        (this.database
          .prepare(
            `SELECT seriesKey FROM series WHERE studyKey = ?
              ORDER BY SeriesNumber IS NULL, SeriesNumber, SeriesInstanceUID`,
          )
          .pluck()
          .all(study.studyKey) as number[])
      for (const seriesKey of keys)
        instances.push(...this.ofSeries(seriesKey).filter((instance) => !leftOut.has(instance.SOPInstanceUID)))
    }
    if (instances.length === 0) throw new OutpostError('empty-selection')
    return { instances, arriving }
  }

  /** One instance with the path of its file, or null. An absent series or study matches any. */
  place(
    StudyInstanceUID: string | null,
    SeriesInstanceUID: string | null,
    SOPInstanceUID: string,
  ): SelectedInstance | null {
    const conditions = [
      'file.SOPInstanceUID = ?',
      ...(StudyInstanceUID === null ? [] : ['study.StudyInstanceUID = ?']),
      ...(SeriesInstanceUID === null ? [] : ['series.SeriesInstanceUID = ?']),
    ]
    const values = [
      SOPInstanceUID,
      ...(StudyInstanceUID === null ? [] : [StudyInstanceUID]),
      ...(SeriesInstanceUID === null ? [] : [SeriesInstanceUID]),
    ]
    return this.stored(conditions.join(' AND '), values)[0] ?? null
  }

  /**
   * Patients of the library with the given number and birth date. A missing birth date, in the question or in the
   * library, fits every birth date.
   */
  patientsLike(PatientID: string, PatientBirthDate: string): (PatientFields & { studies: number })[] {
    return this.database
      .prepare(`SELECT PatientName, PatientID, IssuerOfPatientID, PatientBirthDate, PatientSex, count(*) AS studies
      FROM study_patient JOIN patient USING (patientKey)
      WHERE (@PatientID <> '' AND trim(PatientID) = trim(@PatientID)) OR @PatientBirthDate = ''
        OR PatientBirthDate IN (@PatientBirthDate, '') GROUP BY patientKey`)
      .all({ PatientID, PatientBirthDate }) as (PatientFields & { studies: number })[]
  }

  /** Number of files in each folder, by their result. */
  folders(): FolderCounts[] {
    return this.database
      .prepare(`SELECT folderId, count(fileKey) AS files, count(seriesKey) - coalesce(sum(superseded), 0) AS indexed,
        count(code) + coalesce(sum(superseded), 0) AS skipped
      FROM folder LEFT JOIN directory USING (folderKey) LEFT JOIN file USING (directoryKey) GROUP BY folderKey`)
      .all() as FolderCounts[]
  }

  /**
   * Files that are no instances or superseded versions of one, each with its reason. The page receives only their
   * names.
   */
  skipped(offset: number, limit: number): { total: number; rows: SkippedRow[] } {
    const total = this.database
      .prepare('SELECT count(*) FROM file WHERE code IS NOT NULL OR superseded = 1')
      .pluck()
      .get() as number
    const rows = this.database
      .prepare(`SELECT folderId, folder.path AS root, directory.path AS directory, name,
        coalesce(code, 'superseded') AS code
      FROM file JOIN directory USING (directoryKey) JOIN folder USING (folderKey)
      WHERE code IS NOT NULL OR superseded = 1 ORDER BY fileKey LIMIT ? OFFSET ?`)
      .all(limit, offset) as { folderId: string; root: string; directory: string; name: string; code: string }[]
    return {
      total,
      rows: rows.map(({ root, directory, ...row }) => ({ ...row, path: path.join(root, directory, row.name) })),
    }
  }

  /** Totals over the whole index, for the command line. */
  totals(): { patients: number; studies: number; series: number; instances: number } {
    const keys = new Set<string>()
    const patients = this.database.prepare(`SELECT ${PATIENT_COLUMNS}, study.StudyInstanceUID
      FROM study_patient JOIN patient USING (patientKey) JOIN study USING (studyKey)`)
    for (const patient of patients.iterate()) keys.add(patientKey(patient as StatedPatient))
    const counts = this.database
      .prepare(`SELECT (SELECT count(*) FROM study) AS studies, (SELECT count(*) FROM series) AS series,
      (SELECT coalesce(sum(instances), 0) FROM study) AS instances`)
      .get() as { studies: number; series: number; instances: number }
    return { patients: keys.size, ...counts }
  }

  close(): void {
    this.database.close()
  }

  private studyRow({ studyKey, newestMs, stated, ...row }: StoredStudy, nowMs: number): StudyRow {
    return {
      ...row,
      otherPatients: stated > 1 ? this.otherPatients(studyKey, row) : [],
      ModalitiesInStudy: row.ModalitiesInStudy === '' ? [] : row.ModalitiesInStudy.split('\\'),
      arriving: nowMs - newestMs < ARRIVING_MS,
    }
  }

  /** The identity of the row itself comes first and is removed, so that only the other patients remain. */
  private otherPatients(studyKey: number, row: StatedPatient): Patient[] {
    const stated = this.database
      .prepare(`SELECT ${PATIENT_COLUMNS} FROM study_patient JOIN patient USING (patientKey) WHERE studyKey = ?`)
      .all(studyKey) as Patient[]
    const { StudyInstanceUID } = row
    const [, ...others] = patientsOf([row, ...stated.map((patient) => ({ ...patient, StudyInstanceUID }))])
    return others.slice(0, MAX_OTHER_PATIENTS).map(withoutStudy)
  }

  private patientsOfSeries(seriesKey: number, StudyInstanceUID: Uid): Patient[] {
    const stated = this.database
      .prepare(`SELECT DISTINCT ${PATIENT_COLUMNS} FROM file JOIN patient USING (patientKey)
      WHERE seriesKey = ? AND superseded = 0`)
      .all(seriesKey) as Patient[]
    return patientsOf(stated.map((patient) => ({ ...patient, StudyInstanceUID })))
      .slice(0, 1 + MAX_OTHER_PATIENTS)
      .map(withoutStudy)
  }

  private ofSeries(seriesKey: number): SelectedInstance[] {
    return this.stored('file.seriesKey = ?', [seriesKey])
  }

  private stored(condition: string, values: readonly unknown[]): SelectedInstance[] {
    const rows = this.database
      .prepare(`SELECT ${INSTANCE_COLUMNS}, study.StudyInstanceUID, series.SeriesInstanceUID, form.TransferSyntaxUID,
        folder.path AS root, directory.path AS directory, file.name,
        file.size, file.mtimeMs, patient.PatientName, patient.PatientID, patient.IssuerOfPatientID,
        patient.PatientBirthDate, study.StudyDescription, study.StudyDate, study.AccessionNumber,
        series.Modality, series.SeriesDescription, series.SeriesNumber, form.ImageType, form.BurnedInAnnotation,
        form.ConversionType,
        form.PhotometricInterpretation, form.SamplesPerPixel, form.BitsAllocated, form.oriented
      FROM file JOIN form USING (formKey) JOIN patient ON patient.patientKey = file.patientKey
        JOIN series USING (seriesKey) JOIN study USING (studyKey)
        JOIN directory USING (directoryKey) JOIN folder USING (folderKey)
      WHERE ${condition} GROUP BY file.seriesKey, file.SOPInstanceUID
      ORDER BY file.InstanceNumber IS NULL, file.InstanceNumber, file.SOPInstanceUID`)
      .all(...values) as (Omit<SelectedInstance, 'oriented'> & {
      root: string
      directory: string
      name: string
      fileKey: number
      oriented: number
    })[]
    return rows.map(({ root, directory, name, oriented, ...row }) => ({
      ...withoutFileKey(row),
      oriented: oriented === 1,
      path: path.join(root, directory, name),
    }))
  }

  private seriesKey(StudyInstanceUID: string, SeriesInstanceUID: string): number {
    const seriesKey = this.database
      .prepare(
        'SELECT seriesKey FROM series JOIN study USING (studyKey) WHERE StudyInstanceUID = ? AND SeriesInstanceUID = ?',
      )
      .pluck()
      .get(StudyInstanceUID, SeriesInstanceUID)
    if (seriesKey !== undefined) return seriesKey as number
    const study = this.database.prepare('SELECT 1 FROM study WHERE StudyInstanceUID = ?').get(StudyInstanceUID)
    throw new OutpostError(study ? 'series-not-found' : 'study-not-found')
  }

  private markJoin(): string {
    return this.marks
      ? 'LEFT JOIN ledger.study_mark USING (StudyInstanceUID)'
      : 'LEFT JOIN (SELECT NULL AS marked, NULL AS mark) ON 0'
  }

  /** Attaches the ledger. Another thread creates it, possibly later than the index. */
  private attachMarks(): void {
    if (this.marks || !existsSync(this.ledgerPath)) return
    const attached = this.database.prepare("SELECT 1 FROM pragma_database_list WHERE name = 'ledger'").get()
    if (!attached) this.database.prepare('ATTACH ? AS ledger').run(this.ledgerPath)
    this.marks =
      this.database.prepare("SELECT 1 FROM ledger.sqlite_master WHERE name = 'study_mark'").get() !== undefined
  }
}

/** The key selected the row; callers do not need it. */
function withoutFileKey<Row extends { fileKey: number }>(row: Row): Omit<Row, 'fileKey'> {
  const { fileKey, ...rest } = row
  void fileKey
  return rest
}

type StoredStudy = Omit<StudyRow, 'ModalitiesInStudy' | 'arriving' | 'otherPatients'> & {
  studyKey: number
  ModalitiesInStudy: string
  newestMs: number
  /** Number of different identities that the files state for the study's patient. */
  stated: number
}

function withoutStudy({ PatientName, PatientID, IssuerOfPatientID, PatientBirthDate }: StatedPatient): Patient {
  return { PatientName, PatientID, IssuerOfPatientID, PatientBirthDate }
}
