import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addPeriod } from '../calendar/period.ts'
import { dayAt, endOfDay, expiresAt, lastDay, shareEnd } from './validity.ts'

describe('U13: how long a share lives', () => {
  it.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2028-01-31', 1, '2028-02-29'],
    ['2026-12-15', 1, '2027-01-15'],
    ['2026-03-31', 1, '2026-04-30'],
    ['2026-05-31', 9, '2027-02-28'],
  ])('U13: %s plus %i month(s) is %s', (day, count, expected) =>
    expect(addPeriod(day, { unit: 'month', count })).toBe(expected),
  )

  it('days pass the end of a year', () => expect(addPeriod('2026-12-30', { unit: 'day', count: 3 })).toBe('2027-01-02'))

  it('the day is that of the department, not of UTC', () => {
    // 23:30 UTC is half past midnight in Brussels in winter (UTC+1).
    expect(dayAt(new Date('2026-11-21T23:30:00Z'), 'Europe/Brussels')).toBe('2026-11-22')
    expect(dayAt(new Date('2026-11-21T23:30:00Z'), 'America/Chicago')).toBe('2026-11-21')
  })

  it('a day ends at midnight there, in winter and in summer', () => {
    expect(endOfDay('2026-11-21', 'Europe/Brussels').toISOString()).toBe('2026-11-21T22:59:59.999Z')
    expect(endOfDay('2026-07-21', 'Europe/Brussels').toISOString()).toBe('2026-07-21T21:59:59.999Z')
    // Kiritimati is 14 hours ahead of UTC, Pago Pago 11 behind.
    expect(endOfDay('2026-11-21', 'Pacific/Kiritimati').toISOString()).toBe('2026-11-21T09:59:59.999Z')
    expect(endOfDay('2026-11-21', 'Pacific/Pago_Pago').toISOString()).toBe('2026-11-22T10:59:59.999Z')
  })

  it('where a clock change skips midnight the day ends when the next begins', () => {
    // In Beirut the clock went from 23:59:59 on 28 March 2026 (UTC+2) to 01:00 (UTC+3).
    expect(endOfDay('2026-03-28', 'Asia/Beirut').toISOString()).toBe('2026-03-28T21:59:59.999Z')
  })

  it('U13: a period starts at delivery, a date stands, unlimited never ends', () => {
    const delivered = new Date('2026-11-21T10:00:00Z')
    expect(
      expiresAt({ kind: 'period', period: { unit: 'month', count: 1 } }, delivered, 'Europe/Brussels')?.toISOString(),
    ).toBe('2026-12-21T22:59:59.999Z')
    expect(expiresAt({ kind: 'until', day: '2026-11-30' }, delivered, 'Europe/Brussels')?.toISOString()).toBe(
      '2026-11-30T22:59:59.999Z',
    )
    expect(expiresAt({ kind: 'unlimited' }, delivered, 'Europe/Brussels')).toBeNull()
  })

  it('U13: a period counts from the department’s day of delivery, which may have begun before that of UTC', () => {
    expect(
      lastDay(
        { kind: 'period', period: { unit: 'day', count: 1 } },
        new Date('2026-11-21T23:30:00Z'),
        'Europe/Brussels',
      ),
    ).toBe('2026-11-23')
    expect(
      lastDay(
        { kind: 'period', period: { unit: 'day', count: 1 } },
        new Date('2026-11-21T03:30:00Z'),
        'America/New_York',
      ),
    ).toBe('2026-11-21')
  })

  it('U13: the end of a share is the same for this and earlier versions, across clock changes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }),
        fc.constantFrom('Europe/Brussels', 'UTC', 'Asia/Kathmandu', 'America/St_Johns', 'America/Santiago'),
        fc.integer({ min: 1, max: 90 }),
        (deliveredAt, zone, count) => {
          const validity = { kind: 'period', period: { unit: 'day', count } } as const
          const end = expiresAt(validity, deliveredAt, zone)!
          const told = shareEnd(end, deliveredAt, zone)
          expect(told.day).toBe(lastDay(validity, deliveredAt, zone))
          expect(shareEnd(new Date(end.getTime() + 1), deliveredAt, zone).day).toBe(told.day)
          expect(told.time === null || (told.time === '23:59' && count < 4)).toBe(true)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('the end of a day is the last instant that is in it', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }),
        fc.constantFrom('Europe/Brussels', 'UTC', 'Asia/Kathmandu', 'America/St_Johns'),
        (date, zone) => {
          const day = dayAt(date, zone)
          const end = endOfDay(day, zone)
          expect(dayAt(end, zone)).toBe(day)
          expect(dayAt(new Date(end.getTime() + 1), zone) > day).toBe(true)
          expect(end >= date).toBe(true)
        },
      ),
      { numRuns: 30 },
    )
  })
})
