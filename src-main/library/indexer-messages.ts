/** The messages between the library and its indexer thread. */
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import type { ScanCounts, ScanProgress } from './folder-scan.ts'

export interface IndexerData {
  readonly task: 'index'
  readonly dataFolder: string
}

export type ToIndexer =
  | { readonly kind: 'scan'; readonly folderId: string; readonly path: string }
  /** Scans the folder now and whenever something in it changes. */
  | { readonly kind: 'watch'; readonly folderId: string; readonly path: string }
  | { readonly kind: 'pause'; readonly folderId: string; readonly paused: boolean }
  | { readonly kind: 'remove'; readonly folderId: string; readonly path: string }
  | { readonly kind: 'close' }

export type FromIndexer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly folderId: string; readonly progress: ScanProgress }
  | {
      readonly kind: 'finished'
      readonly folderId: string
      /** Null when the folder is missing or could not be read to its end. */
      readonly counts: ScanCounts | null
      /** Why a present folder was not read to its end. */
      readonly code: ErrorCode | null
      readonly seconds: number
    }
  | { readonly kind: 'changed' }
  | { readonly kind: 'removed'; readonly folderId: string }
  | { readonly kind: 'closed' }
