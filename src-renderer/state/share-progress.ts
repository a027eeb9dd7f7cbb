/** The state of a share as the confirmation shows it after Undo has lapsed. */
import type { OutboxState } from '../../src-core/contract/shares.ts'

/** The states that the confirmation distinguishes. */
export type ShareProgress = 'next' | 'offline' | 'sending' | 'delivered' | 'cancelled' | 'paused' | 'failed'

/**
 * The state that may be shown for a share. Without a connection no share is shown as being sent, even if the outbox is
 * about to try.
 * @param state undefined until the outbox has answered
 */
export function shareProgress(state: OutboxState | undefined, online: boolean): ShareProgress {
  switch (state) {
    case 'delivered':
    case 'cancelled':
    case 'paused':
    case 'failed':
      return state
    case 'uploading':
    case 'confirming':
      return online ? 'sending' : 'offline'
    default:
      return online && state !== 'waiting' ? 'next' : 'offline'
  }
}
