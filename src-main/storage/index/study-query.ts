/** Builds the SQL of a query of studies: every name in it comes from these tables, and every value is bound. */
import type { StudyQuery } from '../../../src-core/contract/studies.ts'
import { dateWord, folded, matchExpression, words } from './search-words.ts'

/** Order of marks: failed shares, which need a person, come first. */
const MARK_ORDER = `CASE coalesce(mark, 'none')
  WHEN 'none' THEN 0 WHEN 'opened' THEN 1 WHEN 'delivered' THEN 2 WHEN 'held' THEN 3 WHEN 'waiting' THEN 4 ELSE 5 END`

const ORDER: Readonly<Record<StudyQuery['sort'], readonly string[]>> = {
  PatientName: ['study.sortName'],
  PatientID: ['patient.PatientID'],
  PatientBirthDate: ['patient.PatientBirthDate'],
  StudyDescription: ['study.StudyDescription COLLATE NOCASE'],
  ModalitiesInStudy: ['study.ModalitiesInStudy'],
  StudyDate: ['study.StudyDate', 'study.StudyTime'],
  instances: ['study.instances'],
  AccessionNumber: ['study.AccessionNumber'],
  shared: [MARK_ORDER],
}

export interface StudySql {
  readonly where: string
  readonly order: string
  readonly values: unknown[]
}

/** Conditions and order for a join of study, patient and mark. */
export function studySql(query: StudyQuery): StudySql {
  const conditions: string[] = []
  const values: unknown[] = []
  const add = (condition: string, ...bound: unknown[]): void => {
    conditions.push(condition)
    values.push(...bound)
  }
  const match = matchExpression(query.text)
  if (match) add('study.studyKey IN (SELECT rowid FROM study_search WHERE study_search MATCH ?)', match)
  // A text of punctuation alone matches nothing instead of everything.
  else if (query.text.trim() !== '') add('0')
  const ofPatient = patientConditions(query)
  // All conditions on the patient must hold for the same patient of the study.
  if (ofPatient.length > 0)
    add(
      `study.studyKey IN (SELECT studyKey FROM study_patient JOIN patient USING (patientKey)
        WHERE ${ofPatient.map(({ condition }) => condition).join(' AND ')})`,
      ...ofPatient.map(({ bound }) => bound),
    )
  if (query.AccessionNumber) add("study.AccessionNumber LIKE ? ESCAPE '!'", `${escaped(query.AccessionNumber)}%`)
  if (query.StudyDescription) add("study.StudyDescription LIKE ? ESCAPE '!'", `%${escaped(query.StudyDescription)}%`)
  if (query.Modality && query.Modality.length > 0) {
    add(
      `study.studyKey IN (SELECT studyKey FROM series WHERE Modality IN (${query.Modality.map(() => '?').join(', ')}))`,
      ...query.Modality,
    )
  }
  if (query.dateFrom) add('study.StudyDate >= ?', query.dateFrom)
  if (query.dateTo) add("study.StudyDate <= ? AND study.StudyDate <> ''", query.dateTo)
  if (query.notShared) add('mark IS NULL')
  const direction = query.descending ? 'DESC' : 'ASC'
  // The key comes last, so that pages never overlap.
  const order = [...ORDER[query.sort], 'study.studyKey'].map((column) => `${column} ${direction}`).join(', ')
  return { where: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '', order, values }
}

function patientConditions(query: StudyQuery): { condition: string; bound: string }[] {
  const conditions = (query.PatientName ? words(query.PatientName) : []).map((word) => ({
    condition: `' ' || replace(replace(patient.foldedName, '^', ' '), '=', ' ') LIKE ? ESCAPE '!'`,
    bound: `% ${escaped(word)}%`,
  }))
  const begins = (column: string, text: string | undefined): void => {
    if (text) conditions.push({ condition: `ltrim(${column}) LIKE ? ESCAPE '!'`, bound: `${escaped(text)}%` })
  }
  begins('patient.PatientID', query.PatientID?.trimStart())
  begins('patient.PatientBirthDate', query.PatientBirthDate && dateWord(query.PatientBirthDate))
  return conditions
}

function escaped(text: string): string {
  return folded(text).replace(/[!%_]/g, '!$&')
}
