/** How long a share lives (U13): calendar arithmetic in the department's time zone. */
import type { Period, Validity } from '../contract/models.ts'

/**
 * The calendar day at an instant.
 * @param timeZone IANA name
 * @returns YYYY-MM-DD
 */
export function dayAt(instant: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(instant)
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? ''
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
}

/** A day some days or months later; the 31st becomes the last day of a shorter month. */
export function addPeriod(day: string, period: Period): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  if (period.unit === 'day') return isoDay(new Date(Date.UTC(year, month - 1, date + period.count)))
  const lastOfMonth = new Date(Date.UTC(year, month - 1 + period.count + 1, 0)).getUTCDate()
  return isoDay(new Date(Date.UTC(year, month - 1 + period.count, Math.min(date, lastOfMonth))))
}

/**
 * The first instant after a day, in a time zone.
 * @param day YYYY-MM-DD
 */
export function endOfDay(day: string, timeZone: string): Date {
  const next = addPeriod(day, { unit: 'day', count: 1 })
  // UTC offsets lie between -12 and +14 hours: the day begins somewhere in between. Where a clock change skips
  // midnight, it begins after it.
  let before = Date.parse(`${next}T00:00:00Z`) - 15 * 3_600_000
  let after = before + 30 * 3_600_000
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (dayAt(new Date(middle), timeZone) < next) before = middle
    else after = middle
  }
  return new Date(after)
}

/**
 * When a share ends: a period counts from delivery, a date stands; either includes its last day to midnight. null: only
 * by withdrawal.
 * @param deliveredAt for a share not delivered yet: now, to show when it would end
 */
export function expiresAt(validity: Validity, deliveredAt: Date, timeZone: string): Date | null {
  const day = lastDay(validity, deliveredAt, timeZone)
  return day === null ? null : endOfDay(day, timeZone)
}

/** The last day on which a share that is delivered at that instant can be opened. */
export function lastDay(validity: Validity, deliveredAt: Date, timeZone: string): string | null {
  if (validity.kind === 'unlimited') return null
  return validity.kind === 'until' ? validity.day : addPeriod(dayAt(deliveredAt, timeZone), validity.period)
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10)
}
