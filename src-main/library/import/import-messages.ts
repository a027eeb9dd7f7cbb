/**
 * The messages between an import and its thread. Paths and identities stay between the two; pages receive only what
 * contract/import.ts allows.
 */
import type { PatientIdentity } from '../../../src-core/dicom/correct-identity.ts'

export interface ImportData {
  readonly task: 'import'
  /** Path of a folder or a ZIP file. */
  readonly source: string
  /** Folder of this import alone, on the file system of the data folder. The thread creates it. */
  readonly staging: string
}

/** How the files of one patient are copied; absent identity: unchanged. */
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
  /** Number of files that are not DICOM instances. */
  readonly skipped: number
  /** Number of instances that a DICOMDIR lists and for which no file was found. */
  readonly missing: number
}

export interface ImportProgress {
  readonly done: number
  readonly total: number | null
  readonly bytes: number
  readonly bytesTotal: number | null
}

export type ToImporter =
  /** One action per patient, in the order of the found patients. */
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

/** Name of the folder with the finished copies, inside the staging folder. */
export const COPIES = 'copies'
