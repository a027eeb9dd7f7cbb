import fc from 'fast-check'
import { expect, it } from 'vitest'
import { timeHasCome } from './time-has-come.ts'

const LONGEST_MS = 10_000
const set = Date.parse('2026-11-21T10:00:00.000Z')
const text = (ms: number): string => new Date(ms).toISOString()

it('X4 S1: a wait ends once its time has passed, and when the clock was set back beyond where the wait began', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: LONGEST_MS }),
      fc.integer({ min: -400 * 86_400_000, max: 400 * 86_400_000 }),
      (wait, jump) => {
        // The time is before the wait began, or after it ended.
        const over = jump > wait || jump < wait - LONGEST_MS
        expect(timeHasCome(text(set + wait), text(set + jump), LONGEST_MS)).toBe(over)
      },
    ),
  )
})
