/** The interfaces that the workstation's services offer to each other. Each is implemented in another folder. */
import type { z } from 'zod'
import type {
  Folder,
  InstanceRow,
  SeriesRow,
  SkippedFile,
  StudyQuery,
  StudyRow,
} from '../../src-core/contract/studies.ts'
import type { Selection } from '../../src-core/contract/terms.ts'
import type { WorkstationEvent } from '../../src-core/contract/workstation.ts'
import type { DicomWebSource } from '../../src-engine/dicomweb-source.ts'
import type { Imports } from './imports.ts'
import type { SelectedInstance } from './records.ts'

export interface Events {
  emit(event: WorkstationEvent): void
  /** Calls the listener for every event until the returned function is called. */
  subscribe(listener: (event: WorkstationEvent) => void): () => void
}

/** The library: its folders, the index and the queries of the pages (W1, W2). */
export interface Library extends DicomWebSource {
  list(query: StudyQuery): Promise<{ total: number; rows: StudyRow[] }>
  study(StudyInstanceUID: string): Promise<{ study: StudyRow; series: SeriesRow[] }>
  rows(StudyInstanceUID: string, SeriesInstanceUID: string): Promise<InstanceRow[]>
  /** Returns exactly the instances of a selection. @error study-not-found, series-not-found, empty-selection */
  selected(selection: z.infer<typeof Selection>): Promise<{ instances: SelectedInstance[]; arriving: boolean }>
  folders(): Promise<Folder[]>
  addFolder(path: string): Promise<{ folderId: string }>
  removeFolder(folderId: string): Promise<void>
  rescan(folderId: string): Promise<void>
  pause(folderId: string, paused: boolean): Promise<void>
  skipped(offset: number, limit: number): Promise<{ total: number; rows: SkippedFile[] }>
  /** Imports from discs, USB drives and ZIP files (X7). */
  readonly imports: Imports
  close(): Promise<void>
}

/** The connection to the relay, and the runner that empties the outbox (S1). */
export interface Sync {
  start(): Promise<void>
  /** Called when an item may have become runnable. */
  kick(): void
  state(): { online: boolean; lastContact: string | null; reason: string | null }
  /** Progress of the item under way, for the outbox page. */
  progress(
    shareId: string,
  ): { instancesPrepared: number; bytesSent: number; bytesTotal: number; bytesPerSecond: number | null } | null
  close(): Promise<void>
}
