/**
 * What the library shows: patients, studies, series, instances and the folders that hold them. Attributes keep their
 * PS3.6 keyword.
 */
import { z } from 'zod'
import { Code, cutText, DicomText, Name, text } from './bounded.ts'
import { Uid } from './identifiers.ts'

/** Where a study stands with the shares made of it on this workstation. */
export const SharedMark = z.enum(['none', 'held', 'waiting', 'delivered', 'opened', 'failed'])

/** A patient as the files say. */
export const Patient = z.object({
  PatientName: DicomText,
  PatientID: DicomText,
  IssuerOfPatientID: DicomText,
  PatientBirthDate: DicomText,
})
export type Patient = z.infer<typeof Patient>

/** Patients that a row names beside its own; a study has more only when something went very wrong. */
export const MOST_OTHER_PATIENTS = 20

export const StudyRow = z.object({
  StudyInstanceUID: Uid,
  /** All component groups as stored, joined by "=" (PS3.5 section 6.2). */
  PatientName: DicomText,
  PatientID: DicomText,
  IssuerOfPatientID: DicomText,
  /** YYYYMMDD as in the file, or empty. */
  PatientBirthDate: DicomText,
  PatientSex: DicomText,
  /** Other patients whose images carry this StudyInstanceUID. Normally empty: more than one patient is an error. */
  otherPatients: z.array(Patient).max(MOST_OTHER_PATIENTS).default([]),
  StudyDate: DicomText,
  StudyTime: DicomText,
  StudyDescription: DicomText,
  AccessionNumber: DicomText,
  ModalitiesInStudy: z.array(DicomText).max(1000),
  series: z.number().int(),
  instances: z.number().int(),
  /** Files of this study were added less than a minute ago: more may come (W16). */
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
  /** Whose images these are, where the study holds images of several patients; else empty. */
  patients: z
    .array(Patient)
    .max(1 + MOST_OTHER_PATIENTS)
    .default([]),
  /** The instance whose thumbnail stands for the series: the middle one in reading order. */
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
  /** image: has frames to show; report: encapsulated document or SR; other: neither. */
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
   * Words, each of which must begin a word of name, ID, accession number, description or birth date (dd/mm/yyyy or
   * YYYYMMDD).
   */
  text: text(500).default(''),
  PatientName: text(500).optional(),
  PatientID: text(500).optional(),
  PatientBirthDate: text(500).optional(),
  AccessionNumber: text(500).optional(),
  StudyDescription: text(500).optional(),
  Modality: z.array(text(64)).max(100).optional(),
  /** Inclusive, YYYYMMDD. */
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
  /** Opaque: the page never sees a path it could open. */
  folderId: Name,
  /** The last name of the path, to recognise it by. */
  name: cutText(1000),
  state: z.enum(['indexing', 'watching', 'paused', 'missing']),
  /** Why it was not read to its end the last time, although it is there; it is read again at its next change. */
  code: Code.nullable().default(null),
  files: z.number().int(),
  indexed: z.number().int(),
  skipped: z.number().int(),
  /** Of the run under way; null when none is. */
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
