/** The patients of each study, as its files state them: which one its row shows, and by which words it is found. */
import type Database from 'better-sqlite3'
import type { PatientFields, StudyFields } from './study-fields.ts'
import { words } from './search-words.ts'

type SearchedPatient = Pick<PatientFields, 'PatientName' | 'PatientID' | 'PatientBirthDate'> & {
  readonly foldedName: string
}

export class StudyPatients {
  private readonly statements
  /** Studies whose search words of their own have changed. */
  private readonly changed = new Set<number>()

  constructor(database: Database.Database) {
    this.statements = {
      ofSeries: database.prepare<[number]>(
        'SELECT min(leastPatient) AS least, max(mostPatient) AS most FROM series WHERE studyKey = ?',
      ),
      ofFiles: database
        .prepare<
          [number]
        >(`SELECT file.patientKey FROM file JOIN series USING (seriesKey) WHERE studyKey = ? AND superseded = 0
        GROUP BY file.patientKey ORDER BY count(DISTINCT SOPInstanceUID) DESC, file.patientKey`)
        .pluck(),
      known: database.prepare<[number]>('SELECT patientKey FROM study_patient WHERE studyKey = ?').pluck(),
      shown: database.prepare<[number]>('SELECT patientKey FROM study WHERE studyKey = ?').pluck(),
      forget: database.prepare<[number]>('DELETE FROM study_patient WHERE studyKey = ?'),
      add: database.prepare<[number, number]>('INSERT INTO study_patient (studyKey, patientKey) VALUES (?, ?)'),
      patient: database.prepare<[number]>(
        'SELECT PatientName, PatientID, PatientBirthDate, foldedName FROM patient WHERE patientKey = ?',
      ),
      study: database.prepare<[number]>('SELECT AccessionNumber, StudyDescription FROM study WHERE studyKey = ?'),
      show: database.prepare<[number, string, number]>(
        'UPDATE study SET patientKey = ?, sortName = ? WHERE studyKey = ?',
      ),
      search: database.prepare<[number, string]>('INSERT INTO study_search (rowid, words) VALUES (?, ?)'),
      unsearch: database.prepare<[number]>('DELETE FROM study_search WHERE rowid = ?'),
    }
  }

  /** Called when the description or accession number of the study has changed. */
  reworded(studyKey: number): void {
    this.changed.add(studyKey)
  }

  rollback(): void {
    this.changed.clear()
  }

  forget(studyKey: number): void {
    this.changed.delete(studyKey)
    this.statements.unsearch.run(studyKey)
    this.statements.forget.run(studyKey)
  }

  /** Updates a study of at least one instance; the counts of its series are up to date already. */
  settle(studyKey: number): void {
    const patients = this.found(studyKey)
    const knownKeys = new Set(this.statements.known.all(studyKey) as number[])
    const same =
      knownKeys.size === patients.length &&
      patients.every((patientKey) => knownKeys.has(patientKey)) &&
      this.statements.shown.get(studyKey) === patients[0]
    if (same && !this.changed.has(studyKey)) return
    if (knownKeys.size > 0) this.forget(studyKey)
    this.changed.delete(studyKey)
    for (const patientKey of patients) this.statements.add.run(studyKey, patientKey)
    const stated = patients.map((patientKey) => this.statements.patient.get(patientKey) as SearchedPatient)
    this.statements.show.run(patients[0]!, stated[0]!.foldedName, studyKey)
    const study = this.statements.study.get(studyKey) as Pick<StudyFields, 'AccessionNumber' | 'StudyDescription'>
    this.statements.search.run(studyKey, searched(study, stated))
  }

  /**
   * Patients of a study, the one with most instances first. Files are read only when the series have more than one
   * patient.
   */
  private found(studyKey: number): number[] {
    const { least, most } = this.statements.ofSeries.get(studyKey) as { least: number; most: number }
    return least === most ? [least] : (this.statements.ofFiles.all(studyKey) as number[])
  }
}

/** The search words of a study: those of every patient with images in it. */
function searched(
  study: Pick<StudyFields, 'AccessionNumber' | 'StudyDescription'>,
  patients: readonly SearchedPatient[],
): string {
  const texts = [
    ...patients.map(({ PatientName }) => PatientName),
    ...patients.map(({ PatientID }) => PatientID),
    study.AccessionNumber,
    study.StudyDescription,
    ...patients.map(({ PatientBirthDate }) => PatientBirthDate),
  ]
  return [...new Set(texts.flatMap(words))].join(' ')
}
