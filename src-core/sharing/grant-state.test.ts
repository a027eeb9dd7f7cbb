import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutboxState } from '../contract/shares.ts'
import type { FeedEvent } from '../contract/relay.ts'
import { grantState, NO_FACTS, withFeedEvent, type GrantFacts } from './grant-state.ts'

const event = (type: FeedEvent['type'], at: string, reason: string | null = null): FeedEvent => ({
  cursor: 1,
  at,
  type,
  shareId: null,
  recipientId: 'r',
  reason,
})
const after = (...events: FeedEvent[]): GrantFacts => events.reduce(withFeedEvent, NO_FACTS)
const delivered = { state: 'delivered', since: '2026-11-21T10:00:00Z' } as const
const at = (minute: number) => `2026-11-21T10:${String(minute).padStart(2, '0')}:00Z`

describe('U26: what Share status says of a recipient', () => {
  it.each([
    ['nothing yet', after(), 'delivered'],
    ['notified', after(event('notified', at(1))), 'notified'],
    [
      'a notice that bounced',
      after(event('notified', at(1)), event('undeliverable', at(2), 'relay-error')),
      'undeliverable',
    ],
    ['notified at the second try', after(event('undeliverable', at(1)), event('notified', at(2))), 'notified'],
    ['opened', after(event('notified', at(1)), event('opened', at(2))), 'opened'],
    ['U8: blocked', after(event('notified', at(1)), event('blocked', at(2))), 'blocked'],
    [
      'U8: unblocked before it was opened',
      after(event('notified', at(1)), event('blocked', at(2)), event('unblocked', at(3))),
      'notified',
    ],
    [
      'U8: unblocked after it had been opened',
      after(event('opened', at(1)), event('blocked', at(2)), event('unblocked', at(3))),
      'opened',
    ],
    ['expired', after(event('opened', at(1)), event('expired', at(2))), 'expired'],
    [
      'withdrawn outweighs all',
      after(event('opened', at(1)), event('expired', at(2)), event('withdrawn', at(3))),
      'withdrawn',
    ],
  ])('%s', (_, facts, state) => expect(grantState(facts, delivered).state).toBe(state))

  it('before delivery it follows the outbox', () => {
    for (const state of OutboxState.options) expect(grantState(NO_FACTS, { state, since: at(0) }).since).toBe(at(0))
    expect(grantState(NO_FACTS, { state: 'preparing', since: at(0) }).state).toBe('queued')
    expect(grantState(NO_FACTS, { state: 'confirming', since: at(0) }).state).toBe('uploading')
  })

  it('S9: an event that is replayed changes nothing more', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom<FeedEvent['type']>(
            'notified',
            'undeliverable',
            'opened',
            'expired',
            'withdrawn',
            'blocked',
            'unblocked',
          ),
        ),
        (types) => {
          const facts = after(...types.map((type, index) => event(type, at(index % 60))))
          const last = types.at(-1)
          if (last) expect(withFeedEvent(facts, event(last, at((types.length - 1) % 60)))).toEqual(facts)
        },
      ),
    )
  })
})
