/** How long a share lives (U13): calendar arithmetic in the department's time zone. */
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
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? ''
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
}

/**
 * The last instant of a day, in a time zone: 23:59:59.999 on its clocks.
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
  return new Date(after - 1)
}

/**
 * When a share ends: a period counts from delivery, a date stands; either includes its last day. null: only by
 * withdrawal.
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

/** A life shorter than this is told with its clock time. */
const SHORT_LIFE_MS = 3 * 86_400_000

/** The end of a share as everybody is told it: the last day that is included, and the time where it lives for hours. */
export interface ShareEnd {
  /** YYYY-MM-DD */
  readonly day: string
  /** HH:MM of 24 hours; null for a life of three days and more, which lasts to the end of its last day. */
  readonly time: string | null
}

/**
 * What mail, recipient's page, Share status and confirmation say of one and the same end, in the time zone of the
 * sending department.
 * @param expiresAt the last instant; of shares that were delivered by earlier versions the first one after it
 * @param deliveredAt of a share that is not delivered yet: now
 */
export function shareEnd(expiresAt: Date, deliveredAt: Date, timeZone: string): ShareEnd {
  const last = new Date(expiresAt.getTime() - 1)
  const short = expiresAt.getTime() - deliveredAt.getTime() < SHORT_LIFE_MS
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return { day: dayAt(last, timeZone), time: short ? format.format(last) : null }
}
