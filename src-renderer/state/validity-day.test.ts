import { describe, expect, it } from 'vitest'
import { dayAfter, parseTypedDay, validityFits } from './validity-day.ts'

describe('days of validity', () => {
  it('U13: a day is typed as dd/mm/yyyy, never read as mm/dd', () => {
    expect(parseTypedDay('03/12/2026')).toBe('2026-12-03')
    expect(parseTypedDay('3.1.27')).toBe('2027-01-03')
    expect(parseTypedDay('31/02/2027')).toBeNull()
    expect(parseTypedDay('12/31/2026')).toBeNull()
    expect(parseTypedDay('soon')).toBeNull()
  })

  it('a month ends on the last day of a shorter one', () => {
    expect(dayAfter('2027-01-31', { unit: 'month', count: 1 })).toBe('2027-02-28')
    expect(dayAfter('2028-01-31', { unit: 'month', count: 1 })).toBe('2028-02-29')
    expect(dayAfter('2026-12-15', { unit: 'month', count: 2 })).toBe('2027-02-15')
    expect(dayAfter('2026-12-31', { unit: 'day', count: 1 })).toBe('2027-01-01')
  })

  it('U13: today fits, yesterday does not, the maximum is the last day that does', () => {
    const month = { unit: 'month', count: 1 } as const
    const until = (day: string) => validityFits({ kind: 'until', day }, month, false, '2026-11-21')
    expect([until('2026-11-20'), until('2026-11-21'), until('2026-12-21'), until('2026-12-22'), until('')]).toEqual([
      false,
      true,
      true,
      false,
      false,
    ])
    expect(validityFits({ kind: 'period', period: { unit: 'day', count: 31 } }, month, false, '2026-11-21')).toBe(false)
    expect(validityFits({ kind: 'unlimited' }, month, false, '2026-11-21')).toBe(false)
    expect(validityFits({ kind: 'unlimited' }, month, true, '2026-11-21')).toBe(true)
  })
})
