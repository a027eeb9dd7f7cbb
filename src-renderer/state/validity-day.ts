/** Days of validity as people type them, and the last one that a policy allows. */
import type { Period, Validity } from '../../src-core/contract/terms.ts'

function iso(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/**
 * Reads a typed day: dd/mm/yyyy, also with dots, dashes or spaces, one-digit days and two-digit years.
 * @returns YYYY-MM-DD, or null when it is no day of the calendar
 */
export function parseTypedDay(text: string): string | null {
  const standard = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim())
  const typed = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})$/.exec(text.trim())
  const [year, month, day] = standard
    ? [Number(standard[1]), Number(standard[2]), Number(standard[3])]
    : typed
      ? [Number(typed[3]) + (typed[3]!.length === 2 ? 2000 : 0), Number(typed[2]), Number(typed[1])]
      : [0, 0, 0]
  const at = new Date(Date.UTC(year, month - 1, day))
  return year > 0 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? iso(year, month, day) : null
}

/** The local calendar day of an instant as YYYY-MM-DD. */
export function dayOf(instant: Date): string {
  return iso(instant.getFullYear(), instant.getMonth() + 1, instant.getDate())
}

/**
 * The day a period after another. A month ends on the last day of a shorter month (31 January + 1 month = 28 February).
 */
export function dayAfter(day: string, period: Period): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  if (period.unit === 'day') {
    const at = new Date(Date.UTC(year, month - 1, date + period.count))
    return iso(at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate())
  }
  const first = new Date(Date.UTC(year, month - 1 + period.count, 1))
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  return iso(first.getUTCFullYear(), first.getUTCMonth() + 1, Math.min(date, last))
}

/** Whether a validity may be chosen today: its day is not past, and it is within the department's maximum. */
export function validityFits(
  validity: Validity,
  maximum: Period | null,
  unlimitedOffered: boolean,
  today: string,
): boolean {
  if (validity.kind === 'unlimited') return unlimitedOffered
  const end = validity.kind === 'until' ? parseTypedDay(validity.day) : dayAfter(today, validity.period)
  return end !== null && end >= today && (maximum === null || end <= dayAfter(today, maximum))
}
