/** What the main thread and the thread that prepares say to each other. */
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import type { MediaWords } from '../../src-core/package/media-pages.ts'
import type { InstanceSource, PaintedFrame, PaintRequest, Rendered, RenderRequest } from '../../src-engine/imaging.ts'
import type { RemoteError } from '../storage/remote.ts'
import type { PackageKeys } from './prepare.ts'
import type { PackageRecord } from '../ports/records.ts'

/** One share to prepare. The thread reads its selection from the ledger, so that it never crosses. */
export interface PrepareOrder {
  readonly dataFolder: string
  readonly shareId: string
  readonly keys: PackageKeys
  /** Key of the pseudonyms. */
  readonly uidKey: Uint8Array
  readonly words: MediaWords
  readonly earlierSource: string | null
  /** ISO 8601, when the package says that it was made. */
  readonly createdAt: string
}

export interface PreviewCounts {
  readonly unexpected: number
  readonly expected: number
}

/** A package that is in the spool, and how many of its pictures failed, by their code. */
export interface PreparedPackage {
  readonly record: PackageRecord
  readonly previewsFailed: ReadonlyMap<ErrorCode, PreviewCounts>
}

/** Asks for a picture: the processes that decode belong to the main thread. */
export type ImagingCall =
  | { readonly method: 'render'; readonly source: InstanceSource; readonly request: RenderRequest }
  | { readonly method: 'paintFrame'; readonly source: InstanceSource; readonly request: PaintRequest }

export type FromPreparer =
  | { readonly kind: 'progress'; readonly instances: number }
  | { readonly kind: 'imaging'; readonly id: number; readonly call: ImagingCall }
  | { readonly kind: 'done'; readonly prepared: PreparedPackage }
  | { readonly kind: 'failed'; readonly error: RemoteError }

export type ToPreparer =
  | { readonly kind: 'cancel' }
  | { readonly kind: 'picture'; readonly id: number; readonly result: Rendered | PaintedFrame }
  | { readonly kind: 'no-picture'; readonly id: number; readonly error: RemoteError }
