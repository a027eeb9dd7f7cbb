/**
 * QIDO-RS results and WADO-RS metadata of the library (PS3.18 10.4 and 10.6): rows of the index and headers of files as
 * DICOM JSON.
 */
import { open } from 'node:fs/promises'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { InstanceRow, Patient, SeriesRow, StudyQuery, StudyRow } from '../../src-core/contract/studies.ts'
import { TAG, lookup, tagDigits, type Keyword } from '../../src-core/dicom/dictionary.ts'
import { toDicomJson, type DicomJson } from '../../src-core/dicom/json.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import { dateWord, folded, words } from '../storage/index/search-words.ts'
import type { SelectedInstance } from '../ports/records.ts'

const STEPS = [64 * 1024, 1024 * 1024, 16 * 1024 * 1024, 256 * 1024 * 1024]

/** Converts attributes by keyword to DICOM JSON. Empty attributes have no value. */
export function attributes(values: Partial<Record<Keyword, string | number | null | readonly string[]>>): DicomJson {
  const json: DicomJson = {}
  for (const [keyword, value] of Object.entries(values) as [Keyword, string | number | null | readonly string[]][]) {
    const { vr } = lookup(TAG[keyword])!
    const list = value === null || value === '' ? [] : Array.isArray(value) ? value : [value]
    const Value = vr === 'PN' ? list.map((name) => personName(String(name))) : list
    json[tagDigits(TAG[keyword])] = Value.length > 0 ? { vr, Value: [...Value] } : { vr }
  }
  return json
}

function personName(value: string): Record<string, string> {
  const [Alphabetic = '', Ideographic, Phonetic] = value.split('=')
  return { ...(Alphabetic && { Alphabetic }), ...(Ideographic && { Ideographic }), ...(Phonetic && { Phonetic }) }
}

/**
 * @param query the query of the client. For a study with images of several patients, the result names the one who was
 * asked for.
 */
export function studyAttributes(row: StudyRow, query?: StudyQuery): DicomJson {
  const patient =
    [row, ...row.otherPatients].find((candidate) => query !== undefined && answersFor(candidate, query)) ?? row
  return attributes({
    SpecificCharacterSet: 'ISO_IR 192',
    StudyDate: row.StudyDate,
    StudyTime: row.StudyTime,
    AccessionNumber: row.AccessionNumber,
    ModalitiesInStudy: row.ModalitiesInStudy,
    StudyDescription: row.StudyDescription,
    PatientName: patient.PatientName,
    PatientID: patient.PatientID,
    IssuerOfPatientID: patient.IssuerOfPatientID,
    PatientBirthDate: patient.PatientBirthDate,
    PatientSex: patient === row ? row.PatientSex : '',
    StudyInstanceUID: row.StudyInstanceUID,
    NumberOfStudyRelatedSeries: row.series,
    NumberOfStudyRelatedInstances: row.instances,
  })
}

function answersFor(patient: Patient, query: StudyQuery): boolean {
  const begins = (value: string, asked = ''): boolean => folded(value.trim()).startsWith(folded(asked.trim()))
  const named = words(patient.PatientName)
  return (
    begins(patient.PatientID, query.PatientID) &&
    begins(patient.PatientBirthDate, query.PatientBirthDate && dateWord(query.PatientBirthDate)) &&
    words(query.PatientName ?? '').every((asked) => named.some((word) => word.startsWith(asked)))
  )
}

export function seriesAttributes(StudyInstanceUID: string, row: SeriesRow): DicomJson {
  return attributes({
    SpecificCharacterSet: 'ISO_IR 192',
    Modality: row.Modality,
    SeriesDescription: row.SeriesDescription,
    BodyPartExamined: row.BodyPartExamined,
    StudyInstanceUID,
    SeriesInstanceUID: row.SeriesInstanceUID,
    SeriesNumber: row.SeriesNumber,
    NumberOfSeriesRelatedInstances: row.instances,
  })
}

export function instanceAttributes(StudyInstanceUID: string, SeriesInstanceUID: string, row: InstanceRow): DicomJson {
  return attributes({
    SpecificCharacterSet: 'ISO_IR 192',
    SOPClassUID: row.SOPClassUID,
    SOPInstanceUID: row.SOPInstanceUID,
    StudyInstanceUID,
    SeriesInstanceUID,
    InstanceNumber: row.InstanceNumber,
    ...(row.kind === 'image' && { NumberOfFrames: row.NumberOfFrames, Rows: row.Rows, Columns: row.Columns }),
  })
}

/**
 * The header of an instance as DICOM JSON. Of its bulk data, frames are given as references and long private values are
 * omitted.
 * @error file-gone, and the errors of parseDicom
 */
export async function instanceMetadata(instance: SelectedInstance): Promise<DicomJson> {
  let file
  try {
    file = await open(instance.path, 'r')
  } catch (error) {
    throw new OutpostError('file-gone', {}, { cause: error })
  }
  try {
    const { size } = await file.stat()
    const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = instance
    const base = `studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`
    for (const step of STEPS) {
      const whole = step >= size
      const buffer = Buffer.allocUnsafe(Math.min(step, size))
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
      try {
        const parsed = parseDicom(buffer.subarray(0, bytesRead), {
          stopAtPixelData: true,
          salvage: whole,
          inflate: inflateBounded,
        })
        const json = toDicomJson(parsed.dataset)
        if (parsed.pixelData) json['7FE00010'] = { vr: 'OW', BulkDataURI: `${base}/frames` }
        return { ...json, '00083002': { vr: 'UI', Value: [parsed.TransferSyntaxUID] } }
      } catch (error) {
        if (whole || !(error instanceof OutpostError)) throw error
      }
    }
    throw new OutpostError('bad-length')
  } finally {
    await file.close()
  }
}
