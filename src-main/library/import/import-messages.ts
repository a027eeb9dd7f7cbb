/**
 * What an import and its thread say to each other. Paths and identities stay between the two; pages are told what
 * contract/import.ts allows.
 */
import type { PatientIdentity } from '../../../src-core/dicom/correct-identity.ts'

export interface ImportData {
  readonly task: 'import'
  /** A folder or a ZIP. */
  readonly source: string
  /** A folder of this import alone, on the file system of the data folder; made by the thread. */
  readonly staging: string
}

/** What becomes of the files of one patient; absent identity: they are copied as they are. */
export interface ImportAct {
  readonly identity: Partial<PatientIdentity> | null
}

export interface FoundStudy {
  readonly StudyInstanceUID: string
  readonly StudyDate: string
  readonly StudyDescription: string
  readonly ModalitiesInStudy: readonly string[]
  readonly SOPInstanceUIDs: readonly string[]
}
export interface FoundPatient {
  readonly identity: PatientIdentity
  readonly studies: readonly FoundStudy[]
  readonly bytes: number
}
export interface Found {
  readonly patients: readonly FoundPatient[]
  /** Files that are no instances. */
  readonly skipped: number
  /** Instances that a DICOMDIR names and that no file is. */
  readonly missing: number
}

export interface ImportProgress {
  readonly done: number
  readonly total: number | null
  readonly bytes: number
  readonly bytesTotal: number | null
}

export type ToImporter =
  /** One act a patient, in the order of what was found. */
  | {
      readonly kind: 'copy'
      readonly acts: readonly ImportAct[]
      readonly stamp: { readonly AttributeModificationDateTime: string }
    }
  | { readonly kind: 'cancel' }

export type FromImporter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly progress: ImportProgress }
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'copied' }
  | { readonly kind: 'failed'; readonly code: string }

/** Where the finished copies lie inside the staging folder. */
export const COPIES = 'copies'
