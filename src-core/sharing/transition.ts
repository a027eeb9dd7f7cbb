/** The transition function of the outbox item: every state × event, without side effects. */
import { OutpostError, type ErrorCode } from '../contract/errors.ts'
import type { OutboxState } from '../contract/shares.ts'
import type { OutboxEvent, OutboxItem, OutboxStep } from './outbox.ts'

/** The states that an item never leaves. */
export const FINAL_STATES: readonly OutboxState[] = ['delivered', 'cancelled']
const RUNNING: readonly OutboxState[] = ['preparing', 'uploading', 'confirming']
const READY: readonly OutboxState[] = ['queued', 'prepared']

/** The state of an item whose next step can start but has not started. */
const READY_FOR: Readonly<Record<OutboxStep, OutboxState>> = {
  prepare: 'queued',
  upload: 'prepared',
  confirm: 'prepared',
}
const RUNNING_AT: Readonly<Record<OutboxStep, OutboxState>> = {
  prepare: 'preparing',
  upload: 'uploading',
  confirm: 'confirming',
}

/** The step that a retry repeats after these error codes. After any other code the failed step is repeated. */
const RETRY_STEP: Partial<Record<ErrorCode, OutboxStep>> = {
  'package-damaged': 'prepare',
  'manifest-signature-wrong': 'prepare',
  'checksum-mismatch': 'upload',
  'offset-mismatch': 'upload',
  'upload-not-found': 'upload',
  'receipt-mismatch': 'upload',
}

/**
 * The item after an event; the same item when the event changes nothing.
 * @param now ISO 8601 in UTC
 * @error not-in-this-state, undo-lapsed
 */
export function transition(item: OutboxItem, event: OutboxEvent, now: string): OutboxItem {
  const { state } = item
  switch (event.type) {
    case 'undo-lapsed':
      return state === 'held' ? readyFor(item, 'prepare', now) : refuse(item, event)
    case 'undone':
      if (state !== 'held' || (item.undoUntil !== null && now > item.undoUntil))
        throw new OutpostError('undo-lapsed', { shareId: item.shareId })
      return inState(item, 'cancelled', now)
    case 'started':
      return READY.includes(state) ? inState(item, RUNNING_AT[item.step], now) : refuse(item, event)
    case 'prepared':
      return state === 'preparing' ? { ...readyFor(item, 'upload', now), attempts: 0 } : refuse(item, event)
    case 'uploaded':
      return state === 'uploading'
        ? { ...inState(item, 'confirming', now), step: 'confirm', attempts: 0 }
        : refuse(item, event)
    case 'confirmed':
      if (state === 'delivered') return item
      return state === 'confirming' ? { ...inState(item, 'delivered', now), attempts: 0 } : refuse(item, event)
    case 'wait':
      return RUNNING.includes(state) || READY.includes(state) || state === 'waiting'
        ? waiting(item, event.reason, event.until, now)
        : refuse(item, event)
    case 'ready':
      if (READY.includes(state)) return item
      return state === 'waiting' ? readyFor(item, item.step, now) : refuse(item, event)
    case 'failed':
      return RUNNING.includes(state) || READY.includes(state) || state === 'waiting'
        ? { ...inState(item, 'failed', now), reason: event.reason }
        : refuse(item, event)
    case 'retry':
      if (state === 'waiting') return readyFor(item, item.step, now)
      return state === 'failed'
        ? { ...readyFor(item, RETRY_STEP[item.reason ?? 'internal'] ?? item.step, now), attempts: 0 }
        : refuse(item, event)
    case 'pause':
      // An item in state confirming cannot be paused, because the relay's answer may be on its way and must be
      // processed.
      return READY.includes(state) || state === 'waiting' || state === 'preparing' || state === 'uploading'
        ? inState(item, 'paused', now)
        : refuse(item, event)
    case 'resume':
      return state === 'paused' ? readyFor(item, item.step, now) : refuse(item, event)
    case 'cancel':
      return FINAL_STATES.includes(state) || state === 'confirming'
        ? refuse(item, event)
        : inState(item, 'cancelled', now)
    case 'restarted':
      return RUNNING.includes(state) ? readyFor(item, item.step, now) : item
  }
}

function inState(item: OutboxItem, state: OutboxState, now: string): OutboxItem {
  return { ...item, state, reason: null, waitingUntil: null, undoUntil: null, since: now }
}

function readyFor(item: OutboxItem, step: OutboxStep, now: string): OutboxItem {
  return { ...inState(item, READY_FOR[step], now), step }
}

/**
 * The item in state waiting. While the reason stays the same, `since` is kept. Each further attempt is counted, because
 * it lengthens the next pause.
 */
function waiting(item: OutboxItem, reason: ErrorCode, until: string | null, now: string): OutboxItem {
  const since = item.state === 'waiting' && item.reason === reason ? item.since : now
  return { ...inState(item, 'waiting', now), reason, waitingUntil: until, since, attempts: item.attempts + 1 }
}

function refuse(item: OutboxItem, event: OutboxEvent): never {
  throw new OutpostError('not-in-this-state', { shareId: item.shareId, state: item.state, event: event.type })
}
