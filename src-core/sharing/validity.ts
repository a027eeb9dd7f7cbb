/** Computes the end of a share (U13), by calendar arithmetic in the department's time zone. */
import { addPeriod } from '../calendar/period.ts'
import type { Validity } from '../contract/terms.ts'

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
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? ''
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
}

/**
 * The last instant of a day, in a time zone: 23:59:59.999 on its clocks.
 * @param day YYYY-MM-DD
 */
export function endOfDay(day: string, timeZone: string): Date {
  const next = addPeriod(day, { unit: 'day', count: 1 })
  // UTC offsets are between -12 and +14 hours, so the next day begins within this range. Where a clock change skips
  // midnight, the day begins after it.
  let before = Date.parse(`${next}T00:00:00Z`) - 15 * 3_600_000
  let after = before + 30 * 3_600_000
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (dayAt(new Date(middle), timeZone) < next) before = middle
    else after = middle
  }
  return new Date(after - 1)
}

/**
 * When a share ends. A period counts from delivery; a date is fixed. Both include their last day. null: only by
 * withdrawal.
 * @param deliveredAt for a share that is not delivered yet: now, to show when it would end
 */
export function expiresAt(validity: Validity, deliveredAt: Date, timeZone: string): Date | null {
  const day = lastDay(validity, deliveredAt, timeZone)
  return day === null ? null : endOfDay(day, timeZone)
}

/** The last day on which a share that was delivered at an instant can be opened. */
export function lastDay(validity: Validity, deliveredAt: Date, timeZone: string): string | null {
  if (validity.kind === 'unlimited') return null
  return validity.kind === 'until' ? validity.day : addPeriod(dayAt(deliveredAt, timeZone), validity.period)
}

/** The validity in milliseconds below which the end of a share is shown with its time of day. */
const SHORT_VALIDITY_MS = 3 * 86_400_000

/** The end of a share as everyone sees it: the last included day, and the time when the validity is short. */
export interface ShareEnd {
  /** The last included day, YYYY-MM-DD. */
  readonly day: string
  /** HH:MM of 24 hours; null for a validity of three days and more, which lasts until the end of the last day. */
  readonly time: string | null
}

/**
 * The end of a share in the time zone of the sending department. Mail, recipient's page, Share status and confirmation
 * all use it.
 * @param expiresAt the last instant; for shares that earlier versions delivered, the first instant after it
 * @param deliveredAt of a share that is not delivered yet: now
 */
export function shareEnd(expiresAt: Date, deliveredAt: Date, timeZone: string): ShareEnd {
  const last = new Date(expiresAt.getTime() - 1)
  const isShort = expiresAt.getTime() - deliveredAt.getTime() < SHORT_VALIDITY_MS
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return { day: dayAt(last, timeZone), time: isShort ? format.format(last) : null }
}
