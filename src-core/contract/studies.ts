/**
 * Schemas of the library: patients, studies, series, instances, and the folders that hold them. Attributes have their
 * PS3.6 keyword.
 */
import { z } from 'zod'
import { Code, cutText, DicomText, Name, text } from './bounded.ts'
import { Uid } from './identifiers.ts'

/** The state of the shares of a study that were made on this workstation. */
export const SharedMark = z.enum(['none', 'held', 'waiting', 'delivered', 'opened', 'failed'])

/** A patient as the files state it. */
export const Patient = z.object({
  PatientName: DicomText,
  PatientID: DicomText,
  IssuerOfPatientID: DicomText,
  PatientBirthDate: DicomText,
})
export type Patient = z.infer<typeof Patient>

/** The maximum number of other patients in a row. A study has more only after a serious error. */
export const MAX_OTHER_PATIENTS = 20

export const StudyRow = z.object({
  StudyInstanceUID: Uid,
  /** All component groups as stored, joined by "=" (PS3.5 section 6.2). */
  PatientName: DicomText,
  PatientID: DicomText,
  IssuerOfPatientID: DicomText,
  /** YYYYMMDD as in the file, or empty. */
  PatientBirthDate: DicomText,
  PatientSex: DicomText,
  /**
   * Other patients whose images have this StudyInstanceUID. It is normally empty, because a study of more than one
   * patient is an error.
   */
  otherPatients: z.array(Patient).max(MAX_OTHER_PATIENTS).default([]),
  StudyDate: DicomText,
  StudyTime: DicomText,
  StudyDescription: DicomText,
  AccessionNumber: DicomText,
  ModalitiesInStudy: z.array(DicomText).max(1000),
  series: z.number().int(),
  instances: z.number().int(),
  /** Whether files of this study were added less than a minute ago, so that more may come (W16). */
  arriving: z.boolean(),
  shared: SharedMark,
})
export type StudyRow = z.infer<typeof StudyRow>

export const SeriesRow = z.object({
  SeriesInstanceUID: Uid,
  Modality: DicomText,
  SeriesNumber: z.number().int().nullable(),
  SeriesDescription: DicomText,
  BodyPartExamined: DicomText,
  instances: z.number().int(),
  /** The patients of these images, when the study has images of several patients; else empty. */
  patients: z
    .array(Patient)
    .max(1 + MAX_OTHER_PATIENTS)
    .default([]),
  /** The instance whose thumbnail represents the series: the middle one in reading order. */
  cover: Uid,
})
export type SeriesRow = z.infer<typeof SeriesRow>

export const InstanceRow = z.object({
  SOPInstanceUID: Uid,
  SOPClassUID: Uid,
  InstanceNumber: z.number().int().nullable(),
  NumberOfFrames: z.number().int(),
  Rows: z.number().int(),
  Columns: z.number().int(),
  /** image: it has frames to show. report: an encapsulated document or SR. other: neither. */
  kind: z.enum(['image', 'report', 'other']),
})
export type InstanceRow = z.infer<typeof InstanceRow>

export const StudySort = z.enum([
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'StudyDescription',
  'ModalitiesInStudy',
  'StudyDate',
  'instances',
  'AccessionNumber',
  'shared',
])

export const StudyQuery = z.object({
  /**
   * Each of these words must begin a word of the name, ID, accession number, description or birth date (dd/mm/yyyy or
   * YYYYMMDD).
   */
  text: text(500).default(''),
  PatientName: text(500).optional(),
  PatientID: text(500).optional(),
  PatientBirthDate: text(500).optional(),
  AccessionNumber: text(500).optional(),
  StudyDescription: text(500).optional(),
  Modality: z.array(text(64)).max(100).optional(),
  /** Both days are included, YYYYMMDD. */
  dateFrom: text(500).optional(),
  dateTo: text(500).optional(),
  notShared: z.boolean().default(false),
  sort: StudySort.default('StudyDate'),
  descending: z.boolean().default(true),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
})
export type StudyQuery = z.infer<typeof StudyQuery>

export const Folder = z.object({
  /** An opaque id. The page never sees a path that it could open. */
  folderId: Name,
  /** The last part of the path, by which people recognize it. */
  name: cutText(1000),
  state: z.enum(['indexing', 'watching', 'paused', 'missing']),
  /** Why the last scan did not complete, although the folder exists. It is scanned again after its next change. */
  code: Code.nullable().default(null),
  files: z.number().int(),
  indexed: z.number().int(),
  skipped: z.number().int(),
  /** The progress of the current scan; null when there is none. */
  progress: z
    .object({
      done: z.number().int(),
      total: z.number().int().nullable(),
      secondsLeft: z.number().min(0).max(1e12).nullable(),
    })
    .nullable(),
})
export type Folder = z.infer<typeof Folder>

export const SkippedFile = z.object({ folderId: Name, name: cutText(1000), code: Code })
export type SkippedFile = z.infer<typeof SkippedFile>
