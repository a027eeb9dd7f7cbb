/** The messages between the main thread and the thread that prepares a share. */
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import type { MediaWords } from '../../src-core/package/media-pages.ts'
import type { InstanceSource, PaintedFrame, PaintRequest, Rendered, RenderRequest } from '../../src-engine/imaging.ts'
import type { RemoteError } from '../storage/remote.ts'
import type { PackageKeys } from './package-record.ts'
import type { PackageRecord } from '../ports/records.ts'

/**
 * The order to prepare one share. The thread reads the selection from the ledger, so that it is not sent between
 * threads.
 */
export interface PrepareOrder {
  readonly dataFolder: string
  readonly shareId: string
  readonly keys: PackageKeys
  /** Key of the pseudonyms. */
  readonly uidKey: Uint8Array
  readonly words: MediaWords
  readonly earlierSource: string | null
  /** Creation time of the package, ISO 8601. */
  readonly createdAt: string
}

export interface PreviewCounts {
  readonly unexpected: number
  readonly expected: number
}

/** A package that is complete in the spool, and how many of its previews failed, for each code. */
export interface PreparedPackage {
  readonly record: PackageRecord
  readonly previewsFailed: ReadonlyMap<ErrorCode, PreviewCounts>
}

/** A request to render or decode. The processes for it belong to the main thread. */
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
