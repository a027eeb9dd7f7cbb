import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutboxState } from '../contract/shares.ts'
import type { OutboxEvent, OutboxItem, OutboxStep } from './outbox.ts'
import { transition } from './transition.ts'

const now = '2026-11-21T10:00:00.000Z'
const events: Record<OutboxEvent['type'], OutboxEvent> = {
  'undo-lapsed': { type: 'undo-lapsed' },
  undone: { type: 'undone' },
  started: { type: 'started' },
  prepared: { type: 'prepared' },
  uploaded: { type: 'uploaded' },
  confirmed: { type: 'confirmed' },
  wait: { type: 'wait', reason: 'offline', until: null },
  ready: { type: 'ready' },
  failed: { type: 'failed', reason: 'file-gone' },
  retry: { type: 'retry' },
  pause: { type: 'pause' },
  resume: { type: 'resume' },
  cancel: { type: 'cancel' },
  restarted: { type: 'restarted' },
}
const naturalStep: Record<OutboxState, OutboxStep> = {
  held: 'prepare',
  queued: 'prepare',
  preparing: 'prepare',
  prepared: 'upload',
  uploading: 'upload',
  confirming: 'confirm',
  delivered: 'confirm',
  waiting: 'upload',
  paused: 'upload',
  failed: 'upload',
  cancelled: 'upload',
}
const item = (state: OutboxState, more: Partial<OutboxItem> = {}): OutboxItem => ({
  shareId: 's',
  state,
  step: naturalStep[state],
  reason: state === 'waiting' || state === 'failed' ? 'offline' : null,
  waitingUntil: null,
  undoUntil: state === 'held' ? '2026-11-21T10:00:05.000Z' : null,
  attempts: 1,
  since: '2026-11-21T09:00:00.000Z',
  ...more,
})

/**
 * The next state for each state and event; a dot: refused; =: unchanged. The columns are in the order of the events
 * above.
 */
const table = `
held       queued cancelled . . . . . . . . . . cancelled =
queued     . . preparing . . . waiting = failed . paused . cancelled =
preparing  . . . prepared . . waiting . failed . paused . cancelled queued
prepared   . . uploading . . . waiting = failed . paused . cancelled =
uploading  . . . . confirming . waiting . failed . paused . cancelled prepared
confirming . . . . . delivered waiting . failed . . . . prepared
delivered  . . . . . = . . . . . . . =
waiting    . . . . . . waiting prepared failed prepared paused . cancelled =
paused     . . . . . . . . . . . prepared cancelled =
failed     . . . . . . . . . prepared . . cancelled =
cancelled  . . . . . . . . . . . . . =`
  .trim()
  .split('\n')
  .map((line) => line.split(/\s+/))

describe('W6: every state × event', () => {
  it('the table names every state', () =>
    expect(table.map(([state]) => state).sort()).toEqual([...OutboxState.options].sort()))

  for (const [state, ...cells] of table) {
    Object.values(events).forEach((event, column) => {
      const expected = cells[column] as string
      it(`${state} × ${event.type} → ${expected}`, () => {
        const before = item(state as OutboxState)
        if (expected === '.')
          expect(() => transition(before, event, now)).toThrow(
            event.type === 'undone' ? 'undo-lapsed' : 'not-in-this-state',
          )
        else if (expected === '=') expect(transition(before, event, now)).toBe(before)
        else expect(transition(before, event, now).state).toBe(expected)
      })
    })
  }
})

describe('details of transitions', () => {
  it('X4: Undo after its 10 seconds is refused even when nobody noticed yet that they lapsed', () => {
    expect(() => transition(item('held'), events.undone, '2026-11-21T10:00:05.001Z')).toThrow('undo-lapsed')
    expect(transition(item('held'), events.undone, '2026-11-21T10:00:05.000Z').state).toBe('cancelled')
  })

  it('a wait keeps the step, its reason and since when', () => {
    const first = transition(item('confirming'), events.wait, now)
    expect(first).toMatchObject({ state: 'waiting', step: 'confirm', reason: 'offline', attempts: 2, since: now })
    const again = transition(
      first,
      { type: 'wait', reason: 'offline', until: '2026-11-21T10:02:00Z' },
      '2026-11-21T10:01:00Z',
    )
    expect(again).toMatchObject({ since: now, attempts: 3, waitingUntil: '2026-11-21T10:02:00Z' })
    expect(transition(again, events.ready, now)).toMatchObject({
      state: 'prepared',
      step: 'confirm',
      reason: null,
      waitingUntil: null,
      attempts: 3,
    })
    expect(transition(transition(again, events.ready, now), events.started, now).state).toBe('confirming')
  })

  it.each([
    ['package-damaged', 'confirm', 'queued', 'prepare'],
    ['upload-not-found', 'confirm', 'prepared', 'upload'],
    ['receipt-mismatch', 'confirm', 'prepared', 'upload'],
    ['relay-refused', 'confirm', 'prepared', 'confirm'],
    ['file-gone', 'prepare', 'queued', 'prepare'],
  ] as const)('retry after %s at %s goes on at %s (%s)', (reason, step, state, nextStep) => {
    expect(transition(item('failed', { reason, step }), events.retry, now)).toMatchObject({
      state,
      step: nextStep,
      reason: null,
      attempts: 0,
    })
  })

  it('W6: an item is never lost: it can continue, is delivered, or was cancelled by a person', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(events)), { maxLength: 60 }), (sequence) => {
        let current = item('held')
        let cancelled = false
        for (const event of sequence) {
          try {
            current = transition(current, event, now)
            cancelled ||= event.type === 'cancel' || event.type === 'undone'
          } catch {
            /* The event is refused and the item is unchanged. */
          }
        }
        if (current.state === 'cancelled') expect(cancelled).toBe(true)
        else if (current.state !== 'delivered') {
          const ways: OutboxEvent['type'][] = [
            'undo-lapsed',
            'started',
            'prepared',
            'uploaded',
            'confirmed',
            'ready',
            'retry',
            'resume',
          ]
          expect(
            ways.some((type) => {
              try {
                return transition(current, events[type], now) !== current
              } catch {
                return false
              }
            }),
          ).toBe(true)
        }
        expect(current.reason !== null).toBe(current.state === 'waiting' || current.state === 'failed')
      }),
    )
  })
})
