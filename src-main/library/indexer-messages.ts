/** What the library and its indexer thread say to each other. */
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
      readonly counts: ScanCounts | null
      readonly seconds: number
    }
  | { readonly kind: 'changed' }
  | { readonly kind: 'removed'; readonly folderId: string }
  | { readonly kind: 'closed' }
