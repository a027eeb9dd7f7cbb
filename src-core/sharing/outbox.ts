/**
 * Types of the outbox item, which is a state machine: held → queued → preparing → prepared → uploading →
 * confirming → delivered. It can also be waiting, paused, failed or cancelled.
 */
import type { ErrorCode } from '../contract/errors.ts'
import type { OutboxState } from '../contract/shares.ts'

/** How long an item is held after Share, so that it can be undone (X4), in milliseconds. */
export const UNDO_MS = 10_000

/** The steps that the runner can do. An interrupted item starts again at its step. */
export type OutboxStep = 'prepare' | 'upload' | 'confirm'

export interface OutboxItem {
  readonly shareId: string
  readonly state: OutboxState
  /** The next step. It is kept while the item is waiting, paused or failed. */
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
  /** The runner has started the next step. */
  | { readonly type: 'started' }
  | { readonly type: 'prepared' }
  | { readonly type: 'uploaded' }
  | { readonly type: 'confirmed' }
  /** The item cannot continue now, but will later without a person: offline, relay not available, secrets locked. */
  | { readonly type: 'wait'; readonly reason: ErrorCode; readonly until: string | null }
  /** The wait is over: the connection is back, or the time has come. */
  | { readonly type: 'ready' }
  /** The item needs a person. */
  | { readonly type: 'failed'; readonly reason: ErrorCode }
  | { readonly type: 'retry' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'cancel' }
  /** The process was killed. The interrupted step starts again from the data on disk. */
  | { readonly type: 'restarted' }
