/**
 * What the page sees of an import from a disc, a stick or a ZIP (X7): whose images they are, beside whom the library
 * knows.
 */
import { z } from 'zod'
import { Code, cutText, DicomText, MANY } from './bounded.ts'
import { Id, Uid } from './identifiers.ts'

/** Names a patient of the source or of the library, by values of their files. */
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
 * same: every attribute is the same. same-id: that number is somebody's already, but not all the rest agrees. similar:
 * name and birth date agree, the number does not.
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
    .max(MANY),
  instances: z.number().int(),
  bytes: z.number().int(),
  /** How many of its instances the library holds already. */
  known: z.number().int(),
  /** Patients of the library that this one may be, likeliest first. */
  matches: z
    .array(z.object({ matchKey: Key, identity: ImportIdentity, studies: z.number().int(), likeness: ImportLikeness }))
    .max(MANY),
  /** What is chosen unless the person says otherwise; null: they must say. */
  proposal: z.literal('accept').nullable(),
})
export type ImportPatient = z.infer<typeof ImportPatient>

export const ImportState = z.object({
  importId: Id,
  /** The last name of what is imported, to recognise it by. */
  name: cutText(1000),
  phase: z.enum(['scanning', 'ready', 'copying', 'done', 'failed', 'cancelled']),
  /** An error code of the catalog: why it failed. */
  reason: Code.nullable(),
  progress: z
    .object({
      done: z.number().int(),
      total: z.number().int().nullable(),
      bytes: z.number().int(),
      bytesTotal: z.number().int().nullable(),
    })
    .nullable(),
  patients: z.array(ImportPatient).max(MANY),
  /** Files that are no images or reports. */
  skipped: z.number().int(),
  /** Images that the disc's own directory names and that are not there. */
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
