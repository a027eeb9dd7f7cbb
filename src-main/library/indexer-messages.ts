/** What the library and its indexer thread say to each other. */
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import type { ScanCounts, ScanProgress } from './folder-scan.ts'

export interface IndexerData {
  readonly task: 'index'
  readonly dataFolder: string
}

export type ToIndexer =
  | { readonly kind: 'scan'; readonly folderId: string; readonly path: string }
  /** Scans now and whenever something changes. */
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
      /** Null: the folder is not there, or not to be read to its end. */
      readonly counts: ScanCounts | null
      /** Why it was not read to its end, although it is there. */
      readonly code: ErrorCode | null
      readonly seconds: number
    }
  | { readonly kind: 'changed' }
  | { readonly kind: 'removed'; readonly folderId: string }
  | { readonly kind: 'closed' }
