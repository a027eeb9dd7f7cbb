/**
 * The indexer's access to index.db: it adds files, updates counts, and removes what no longer exists. It is the only
 * writer.
 */
import path from 'node:path'
import type Database from 'better-sqlite3'
import { countStatements, folderStatements, instanceStatements } from './index-statements.ts'
import { folded } from './search-words.ts'
import type { PatientFields, StudyFields } from './study-fields.ts'
import { StudyPatients } from './study-patients.ts'

export interface SeriesFields {
  readonly SeriesInstanceUID: string
  readonly Modality: string
  readonly SeriesNumber: number | null
  readonly SeriesDescription: string
  readonly BodyPartExamined: string
}
export interface FormFields {
  readonly SOPClassUID: string
  readonly TransferSyntaxUID: string
  readonly ImageType: string
  readonly BurnedInAnnotation: string
  readonly ConversionType: string
  readonly NumberOfFrames: number
  readonly Rows: number
  readonly Columns: number
  readonly PhotometricInterpretation: string
  readonly SamplesPerPixel: number
  readonly BitsAllocated: number
  /** 1 when ImageOrientationPatient is present, else 0. */
  readonly oriented: 0 | 1
  readonly kind: 'image' | 'report' | 'other'
}
export interface KnownFile {
  readonly fileKey: number
  readonly name: string
  readonly size: number
  readonly mtimeMs: number
  readonly code: string | null
  readonly seriesKey: number | null
}

/** The result of the last complete visit of a directory. */
export interface DirectoryState {
  readonly directoryKey: number
  /** The directory's modification time; null when a later change might not alter it. */
  readonly changedMs: number | null
  /** Digest of its files; null when a file has to be visited again. */
  readonly digest: number | null
  readonly files: number
  readonly skipped: number
}
export interface KnownDirectory extends DirectoryState {
  readonly path: string
}
interface FileFacts {
  readonly size: number
  readonly mtimeMs: number
  readonly changedMs: number
}
interface InstanceKeys {
  readonly patientKey: number
  readonly studyKey: number
  readonly seriesKey: number
  readonly formKey: number
}

interface Version {
  readonly fileKey: number
  readonly SOPInstanceUID: string
  readonly size: number
  readonly root: string
  readonly directory: string
  readonly name: string
}
export interface FileVersion {
  readonly path: string
  readonly size: number
}

export class IndexWriter {
  private readonly database: Database.Database
  private readonly sameContent: (fileA: FileVersion, fileB: FileVersion) => boolean
  private readonly statements
  /** Series with outdated counts, and the newest change of their studies. */
  private readonly touched = new Set<number>()
  private readonly newest = new Map<number, number>()
  private readonly patients: StudyPatients

  /** @param sameContent whether two files with the same SOP instance are copies of each other */
  constructor(database: Database.Database, sameContent: (fileA: FileVersion, fileB: FileVersion) => boolean) {
    this.database = database
    this.sameContent = sameContent
    this.patients = new StudyPatients(database)
    // The checks would need three look-ups per file; the written keys come from existing rows.
    database.pragma('foreign_keys = OFF')
    this.statements = {
      ...folderStatements(database),
      ...instanceStatements(database),
      ...countStatements(database),
    }
  }

  begin(): void {
    this.database.exec('BEGIN IMMEDIATE')
  }

  /**
   * Updates the counts of images per study and commits the transaction.
   * @param cleaned whether files were removed for good, so that patients without files are removed too
   */
  commit(cleaned = false): void {
    this.recount()
    if (cleaned) this.forgetPatients()
    this.database.exec('COMMIT')
  }

  rollback(): void {
    if (this.database.inTransaction) this.database.exec('ROLLBACK')
    this.touched.clear()
    this.newest.clear()
    this.patients.rollback()
  }

  /** @param device id of the folder's device; null: unchanged */
  folder(folderId: string, path: string, device: string | null = null): number {
    return this.statements.folder.get(folderId, path, device) as number
  }
  knownDevice(folderId: string): string | null {
    return (this.statements.knownDevice.get(folderId) as string | null | undefined) ?? null
  }
  /** Returns the directory's key. Its stored state is invalid until the directory is settled again. */
  directory(folderKey: number, path: string): number {
    return this.statements.directory.get(folderKey, path) as number
  }
  settleDirectory({ changedMs, digest, files, skipped, directoryKey }: DirectoryState): void {
    this.statements.settleDirectory.run(changedMs, digest, files, skipped, directoryKey)
  }
  knownDirectories(folderId: string): KnownDirectory[] {
    return this.statements.knownDirectories.all(folderId) as KnownDirectory[]
  }
  private directories(folderKey: number): { directoryKey: number; path: string }[] {
    return this.statements.directories.all(folderKey) as { directoryKey: number; path: string }[]
  }
  known(directoryKey: number): KnownFile[] {
    return this.statements.known.all(directoryKey) as KnownFile[]
  }

  patient(fields: PatientFields): number {
    return this.statements.patient.get(
      fields.PatientName,
      fields.PatientID,
      fields.IssuerOfPatientID,
      fields.PatientBirthDate,
      fields.PatientSex,
      folded(fields.PatientName),
    ) as number
  }

  /**
   * Returns the key of the study's row, made from its first file. The counts at the commit decide which patient it
   * shows.
   */
  study(fields: StudyFields, patientKey: number): number {
    const existingKey = this.statements.findStudy.get(fields.StudyInstanceUID) as number | undefined
    if (existingKey !== undefined) return existingKey
    const studyKey = this.statements.study.get(
      fields.StudyInstanceUID,
      patientKey,
      fields.StudyDate,
      fields.StudyTime,
      fields.StudyDescription,
      fields.AccessionNumber,
    ) as number
    this.patients.reworded(studyKey)
    return studyKey
  }

  /** A file of the study was rewritten: its statements about the study replace the stored ones. */
  correctStudy(studyKey: number, fields: StudyFields): void {
    this.statements.correctStudy.run(
      fields.StudyDate,
      fields.StudyTime,
      fields.StudyDescription,
      fields.AccessionNumber,
      studyKey,
    )
    this.patients.reworded(studyKey)
  }

  /** Removes patients without files, so that their names are not kept. */
  private forgetPatients(): void {
    this.statements.removePatients.run()
  }

  series(studyKey: number, fields: SeriesFields): number {
    return this.statements.series.get(
      studyKey,
      fields.SeriesInstanceUID,
      fields.Modality,
      fields.SeriesNumber,
      fields.SeriesDescription,
      fields.BodyPartExamined,
    ) as number
  }

  form(fields: FormFields): number {
    return this.statements.form.get(fields) as number
  }

  instance(
    directoryKey: number,
    name: string,
    { size, mtimeMs, changedMs }: FileFacts,
    { patientKey, studyKey, seriesKey, formKey }: InstanceKeys,
    SOPInstanceUID: string,
    InstanceNumber: number | null,
  ): void {
    this.statements.file.run(
      directoryKey,
      name,
      size,
      mtimeMs,
      null,
      seriesKey,
      patientKey,
      formKey,
      SOPInstanceUID,
      InstanceNumber,
    )
    this.touched.add(seriesKey)
    if (changedMs > (this.newest.get(studyKey) ?? 0)) this.newest.set(studyKey, changedMs)
  }

  skipped(directoryKey: number, name: string, { size, mtimeMs }: FileFacts, code: string): void {
    this.statements.file.run(directoryKey, name, size, mtimeMs, code, null, null, null, null, null)
  }

  forget(file: KnownFile): void {
    this.statements.removeFile.run(file.fileKey)
    if (file.seriesKey !== null) this.touched.add(file.seriesKey)
  }

  forgetDirectory(directoryKey: number): void {
    for (const file of this.known(directoryKey)) if (file.seriesKey !== null) this.touched.add(file.seriesKey)
    this.statements.removeFiles.run(directoryKey)
    this.statements.removeDirectory.run(directoryKey)
  }

  forgetFolder(folderKey: number): void {
    for (const { directoryKey } of this.directories(folderKey)) this.forgetDirectory(directoryKey)
    this.statements.removeFolder.run(folderKey)
  }

  /**
   * Of several files with the same SOP instance, the newest and its copies are used; files with other content are
   * marked as superseded.
   */
  private settleVersions(seriesKey: number): void {
    let newest: Version | null = null
    for (const version of this.statements.versions.all(seriesKey, seriesKey) as Version[]) {
      if (newest?.SOPInstanceUID !== version.SOPInstanceUID) newest = version
      else if (!this.sameContent(fileVersion(newest), fileVersion(version)))
        this.statements.supersede.run(version.fileKey)
    }
  }

  private recount(): void {
    const studies = new Set<number>(this.newest.keys())
    for (const seriesKey of this.touched) {
      const counted = this.statements.countSeries.get(seriesKey) as
        | { studyKey: number; instances: number; files: number }
        | undefined
      if (!counted) continue
      this.statements.noneSuperseded.run(seriesKey)
      if (counted.files > counted.instances) this.settleVersions(seriesKey)
      studies.add(counted.studyKey)
      if (counted.instances === 0) this.statements.removeSeries.run(seriesKey)
    }
    for (const studyKey of studies) {
      const newest = this.newest.get(studyKey)
      if (newest !== undefined) this.statements.newest.run(newest, studyKey)
      if (this.statements.countStudy.get(studyKey) === 0) {
        this.patients.forget(studyKey)
        this.statements.removeStudy.run(studyKey)
      } else this.patients.settle(studyKey)
    }
    this.touched.clear()
    this.newest.clear()
  }
}

function fileVersion({ root, directory, name, size }: Version): FileVersion {
  return { path: path.join(root, directory, name), size }
}
