/**
 * What the page sees of an import from a disc, a stick or a ZIP (X7): whose images they are, beside whom the library
 * knows.
 */
import { z } from 'zod'
import { Id, Uid } from './models.ts'

export const ImportIdentity = z.object({
  PatientName: z.string(),
  PatientID: z.string(),
  IssuerOfPatientID: z.string(),
  PatientBirthDate: z.string(),
  PatientSex: z.string(),
})
export type ImportIdentity = z.infer<typeof ImportIdentity>

/**
 * same: every attribute is the same. same-id: that number is somebody's already, but not all the rest agrees. similar:
 * name and birth date agree, the number does not.
 */
export const ImportLikeness = z.enum(['same', 'same-id', 'similar'])
export type ImportLikeness = z.infer<typeof ImportLikeness>

export const ImportPatient = z.object({
  patientKey: z.string(),
  identity: ImportIdentity,
  studies: z.array(
    z.object({
      StudyInstanceUID: Uid,
      StudyDate: z.string(),
      StudyDescription: z.string(),
      ModalitiesInStudy: z.array(z.string()),
      instances: z.number().int(),
    }),
  ),
  instances: z.number().int(),
  bytes: z.number().int(),
  /** How many of its instances the library holds already. */
  known: z.number().int(),
  /** Patients of the library that this one may be, likeliest first. */
  matches: z.array(
    z.object({ matchKey: z.string(), identity: ImportIdentity, studies: z.number().int(), likeness: ImportLikeness }),
  ),
  /** What is chosen unless the person says otherwise; null: they must say. */
  proposal: z.literal('accept').nullable(),
})
export type ImportPatient = z.infer<typeof ImportPatient>

export const ImportState = z.object({
  importId: Id,
  /** The last name of what is imported, to recognise it by. */
  name: z.string(),
  phase: z.enum(['scanning', 'ready', 'copying', 'done', 'failed', 'cancelled']),
  /** An error code of the catalog: why it failed. */
  reason: z.string().nullable(),
  progress: z
    .object({
      done: z.number().int(),
      total: z.number().int().nullable(),
      bytes: z.number().int(),
      bytesTotal: z.number().int().nullable(),
    })
    .nullable(),
  patients: z.array(ImportPatient),
  /** Files that are no images or reports. */
  skipped: z.number().int(),
  /** Images that the disc's own directory names and that are not there. */
  missing: z.number().int(),
})
export type ImportState = z.infer<typeof ImportState>

/**
 * accept: as it is. correct: with the identity of a patient of the library. apart: with a mark of its own, so that it
 * is nobody else's.
 */
export const ImportChoice = z.discriminatedUnion('choice', [
  z.object({ patientKey: z.string(), choice: z.literal('accept') }),
  z.object({ patientKey: z.string(), choice: z.literal('correct'), matchKey: z.string() }),
  z.object({ patientKey: z.string(), choice: z.literal('apart') }),
])
export type ImportChoice = z.infer<typeof ImportChoice>
