/** Shifts dates by whole days, so that the intervals between them stay the same (PS3.15 E.3.6, modified dates). */

const DAY_MS = 86_400_000

/**
 * The date, written YYYYMMDD or in the retired form YYYY.MM.DD, shifted by days; an empty text when it is not a date.
 */
function shiftDate(text: string, days: number): string {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(text)
  if (!match) return ''
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return ''
  const shifted = new Date(date.getTime() + days * DAY_MS)
  const shiftedYear = shifted.getUTCFullYear()
  if (shiftedYear < 1 || shiftedYear > 9999) return ''
  const [shiftedMonth, shiftedDay] = [shifted.getUTCMonth() + 1, shifted.getUTCDate()].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${String(shiftedYear).padStart(4, '0')}${shiftedMonth}${shiftedDay}`
}

/**
 * A DA or DT value shifted by days. Several values are joined by a backslash. Times and offsets from UTC stay the same.
 * @returns null for a value that is not a full date, such as a year, a range or text, because it cannot be shifted
 */
export function shiftDates(vr: 'DA' | 'DT', value: string, days: number): string | null {
  const parts = value.split('\\').map((part) => part.trim())
  const shifted = parts.map((part) => {
    if (part === '') return ''
    if (vr === 'DA') return shiftDate(part, days)
    const timePart = part.slice(8)
    if (!/^(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?([+-]\d{4})?$/.test(timePart)) return ''
    const date = shiftDate(part.slice(0, 8), days)
    return date && date + timePart
  })
  return shifted.some((part, index) => part === '' && parts[index] !== '') ? null : shifted.join('\\')
}

const TIME = /^([01]\d|2[0-3])(:?[0-5]\d(:?([0-5]\d|60)(\.\d{1,6})?)?)?$/

/**
 * Whether a TM value holds times of the day and ranges of them only, and therefore no date. Several values are joined
 * by a backslash.
 */
export function isTime(value: string): boolean {
  return value.split('\\').every((time) => {
    const ends = time.trim().split('-')
    // Without this check 2019-08-15 and 2019-08 would pass as ranges of hours and minutes.
    return ends.length <= 2 && ends.every((end) => end.length === ends[0]!.length && (end === '' || TIME.test(end)))
  })
}
