/**
 * Schemas of an import from a disc, a USB drive or a ZIP file (X7): the patients whose images it has, and similar
 * patients of the library.
 */
import { z } from 'zod'
import { Code, cutText, DicomText, MAX_LIST_LENGTH } from './bounded.ts'
import { Id, Uid } from './identifiers.ts'

/** Identifies a patient of the source or of the library by values of their files. */
const Key = z.string().max(100_000)

export const ImportIdentity = z.object({
  PatientName: DicomText,
  PatientID: DicomText,
  IssuerOfPatientID: DicomText,
  PatientBirthDate: DicomText,
  PatientSex: DicomText,
})
export type ImportIdentity = z.infer<typeof ImportIdentity>

/**
 * same: every attribute is equal. same-id: the library has a patient with that ID, but another attribute differs.
 * similar: name and birth date are equal, the ID differs.
 */
export const ImportLikeness = z.enum(['same', 'same-id', 'similar'])
export type ImportLikeness = z.infer<typeof ImportLikeness>

export const ImportPatient = z.object({
  patientKey: Key,
  identity: ImportIdentity,
  studies: z
    .array(
      z.object({
        StudyInstanceUID: Uid,
        StudyDate: DicomText,
        StudyDescription: DicomText,
        ModalitiesInStudy: z.array(DicomText).max(1000),
        instances: z.number().int(),
      }),
    )
    .max(MAX_LIST_LENGTH),
  instances: z.number().int(),
  bytes: z.number().int(),
  /** The number of its instances that the library has already. */
  known: z.number().int(),
  /** Patients of the library that may be the same person, the most likely first. */
  matches: z
    .array(z.object({ matchKey: Key, identity: ImportIdentity, studies: z.number().int(), likeness: ImportLikeness }))
    .max(MAX_LIST_LENGTH),
  /** The choice that is made unless the person chooses another; null when the person must choose. */
  proposal: z.literal('accept').nullable(),
})
export type ImportPatient = z.infer<typeof ImportPatient>

export const ImportState = z.object({
  importId: Id,
  /** The last part of the path of the source, by which people recognize it. */
  name: cutText(1000),
  phase: z.enum(['scanning', 'ready', 'copying', 'done', 'failed', 'cancelled']),
  /** The error code that says why the import failed. */
  reason: Code.nullable(),
  progress: z
    .object({
      done: z.number().int(),
      total: z.number().int().nullable(),
      bytes: z.number().int(),
      bytesTotal: z.number().int().nullable(),
    })
    .nullable(),
  patients: z.array(ImportPatient).max(MAX_LIST_LENGTH),
  /** The number of files that are neither images nor reports. */
  skipped: z.number().int(),
  /** The number of images that the DICOMDIR of the disc names and that are missing. */
  missing: z.number().int(),
})
export type ImportState = z.infer<typeof ImportState>

/**
 * accept: the images keep their identity. correct: they get the identity of a patient of the library. apart: they get a
 * new patient ID, so that they are not filed under another patient.
 */
export const ImportChoice = z.discriminatedUnion('choice', [
  z.object({ patientKey: Key, choice: z.literal('accept') }),
  z.object({ patientKey: Key, choice: z.literal('correct'), matchKey: Key }),
  z.object({ patientKey: Key, choice: z.literal('apart') }),
])
export type ImportChoice = z.infer<typeof ImportChoice>
