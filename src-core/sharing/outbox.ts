/**
 * The outbox item as a state machine: held → queued → preparing → prepared → uploading → confirming → delivered, beside
 * it waiting, paused, failed, cancelled.
 */
import type { ErrorCode } from '../contract/errors.ts'
import type { OutboxState } from '../contract/shares.ts'

/** How long after Share an item is held, so that it can be undone (X4). */
export const UNDO_MS = 10_000

/** Steps the runner can be asked to do; where an interrupted item starts again. */
export type OutboxStep = 'prepare' | 'upload' | 'confirm'

export interface OutboxItem {
  readonly shareId: string
  readonly state: OutboxState
  /** The step that comes next: kept through waiting, paused and failed. */
  readonly step: OutboxStep
  readonly reason: ErrorCode | null
  readonly waitingUntil: string | null
  readonly undoUntil: string | null
  readonly attempts: number
  readonly since: string
}

export type OutboxEvent =
  | { readonly type: 'undo-lapsed' }
  | { readonly type: 'undone' }
  /** The runner took the item up. */
  | { readonly type: 'started' }
  | { readonly type: 'prepared' }
  | { readonly type: 'uploaded' }
  | { readonly type: 'confirmed' }
  /** Cannot go on now but will by itself: offline, relay down, secrets locked. */
  | { readonly type: 'wait'; readonly reason: ErrorCode; readonly until: string | null }
  /** The wait is over: connection back, or its time came. */
  | { readonly type: 'ready' }
  /** Needs a person. */
  | { readonly type: 'failed'; readonly reason: ErrorCode }
  | { readonly type: 'retry' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'cancel' }
  /** The process was killed: what was under way starts again from what is on disk. */
  | { readonly type: 'restarted' }
