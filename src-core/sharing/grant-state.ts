/** Derives the state of one recipient in one share (U26) from the facts that the feed reported. */
import type { GrantState, OutboxState } from '../contract/shares.ts'
import type { FeedEvent } from '../contract/relay.ts'

/**
 * The instants at which events first happened; null when they did not happen. blockedAt is null again after an unblock.
 * Events can arrive twice and out of order.
 */
export interface GrantFacts {
  readonly notifiedAt: string | null
  readonly undeliverableAt: string | null
  /** The error code that says why the notice could not be delivered. */
  readonly undeliverableReason: string | null
  readonly openedAt: string | null
  readonly blockedAt: string | null
  readonly expiredAt: string | null
  readonly withdrawnAt: string | null
}

export const NO_FACTS: GrantFacts = {
  notifiedAt: null,
  undeliverableAt: null,
  undeliverableReason: null,
  openedAt: null,
  blockedAt: null,
  expiredAt: null,
  withdrawnAt: null,
}

/** The facts after one event of the feed; the same object when the event changes nothing. */
export function withFeedEvent(facts: GrantFacts, event: FeedEvent): GrantFacts {
  switch (event.type) {
    case 'notified':
      return facts.notifiedAt
        ? facts
        : { ...facts, notifiedAt: event.at, undeliverableAt: null, undeliverableReason: null }
    case 'undeliverable':
      return { ...facts, undeliverableAt: event.at, undeliverableReason: event.reason }
    case 'opened':
      return facts.openedAt ? facts : { ...facts, openedAt: event.at }
    case 'blocked':
      return { ...facts, blockedAt: event.at }
    case 'unblocked':
      return { ...facts, blockedAt: null }
    case 'expired':
      return facts.expiredAt ? facts : { ...facts, expiredAt: event.at }
    case 'withdrawn':
      return facts.withdrawnAt ? facts : { ...facts, withdrawnAt: event.at }
    case 'policy':
    case 'directory':
    case 'staff':
      return facts
  }
}

const BEFORE_DELIVERY: Readonly<Record<OutboxState, GrantState>> = {
  held: 'held',
  queued: 'queued',
  preparing: 'queued',
  prepared: 'queued',
  uploading: 'uploading',
  confirming: 'uploading',
  delivered: 'delivered',
  waiting: 'waiting',
  paused: 'paused',
  failed: 'failed',
  cancelled: 'cancelled',
}

/**
 * The state to show, and since when. The end of a grant has priority over other events. A recipient who opened the
 * share was reached, so an undeliverable notice is then ignored.
 */
export function grantState(
  facts: GrantFacts,
  outbox: { readonly state: OutboxState; readonly since: string },
): { state: GrantState; since: string } {
  if (facts.withdrawnAt) return { state: 'withdrawn', since: facts.withdrawnAt }
  if (outbox.state !== 'delivered') return { state: BEFORE_DELIVERY[outbox.state], since: outbox.since }
  if (facts.expiredAt) return { state: 'expired', since: facts.expiredAt }
  if (facts.blockedAt) return { state: 'blocked', since: facts.blockedAt }
  if (facts.openedAt) return { state: 'opened', since: facts.openedAt }
  if (facts.undeliverableAt) return { state: 'undeliverable', since: facts.undeliverableAt }
  if (facts.notifiedAt) return { state: 'notified', since: facts.notifiedAt }
  return { state: 'delivered', since: outbox.since }
}
