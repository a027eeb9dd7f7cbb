/** What the confirmation says of a share after Undo has lapsed. */
import type { OutboxState } from '../../src-core/contract/shares.ts'

/** Where a share stands, in the words of the confirmation. */
export type ShareProgress = 'next' | 'offline' | 'sending' | 'delivered' | 'cancelled' | 'paused' | 'failed'

/**
 * What may be claimed of a share: without a connection nothing is on its way, whatever the outbox is about to try.
 * @param state undefined: the outbox has not been asked yet
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
