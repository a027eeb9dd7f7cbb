/** Calculates with days of the calendar and periods of days or months, without clocks and time zones. */

export interface CalendarPeriod {
  readonly unit: 'day' | 'month'
  readonly count: number
}

/**
 * The day that is a period later. The 31st becomes the last day of a shorter month.
 * @param day YYYY-MM-DD
 */
export function addPeriod(day: string, period: CalendarPeriod): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  if (period.unit === 'day') return isoDay(new Date(Date.UTC(year, month - 1, date + period.count)))
  const lastOfMonth = new Date(Date.UTC(year, month - 1 + period.count + 1, 0)).getUTCDate()
  return isoDay(new Date(Date.UTC(year, month - 1 + period.count, Math.min(date, lastOfMonth))))
}

/** The minimum number of days of a period, by which periods are ordered. */
export const periodDays = ({ unit, count }: CalendarPeriod): number => (unit === 'day' ? count : count * 28)

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10)
}
