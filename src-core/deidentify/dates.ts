/** Dates moved by whole days, so that the time between them stays (PS3.15 E.3.6, modified dates). */

const DAY = 86_400_000

/** YYYYMMDD (or the retired YYYY.MM.DD) moved; empty when it is no date. */
function shiftDate(text: string, days: number): string {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(text)
  if (!match) return ''
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return ''
  const moved = new Date(date.getTime() + days * DAY)
  const movedYear = moved.getUTCFullYear()
  if (movedYear < 1 || movedYear > 9999) return ''
  const [movedMonth, movedDay] = [moved.getUTCMonth() + 1, moved.getUTCDate()].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${String(movedYear).padStart(4, '0')}${movedMonth}${movedDay}`
}

/**
 * A DA or DT value (several joined by a backslash) moved by days; times and offsets from UTC stay as they are.
 * What is no whole date (a year alone, a range, text) cannot be moved: the answer is null.
 */
export function shiftDates(vr: 'DA' | 'DT', value: string, days: number): string | null {
  const parts = value.split('\\').map((part) => part.trim())
  const moved = parts.map((part) => {
    if (part === '') return ''
    if (vr === 'DA') return shiftDate(part, days)
    const rest = part.slice(8)
    if (!/^(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?([+-]\d{4})?$/.test(rest)) return ''
    const date = shiftDate(part.slice(0, 8), days)
    return date && date + rest
  })
  return moved.some((part, index) => part === '' && parts[index] !== '') ? null : moved.join('\\')
}

const TIME = /^([01]\d|2[0-3])(:?[0-5]\d(:?([0-5]\d|60)(\.\d{1,6})?)?)?$/

/** Whether a TM value (several joined by a backslash, ranges too) is times of the day and nothing else: no date. */
export function isTime(value: string): boolean {
  return value.split('\\').every((time) => {
    const ends = time.trim().split('-')
    // 2019-08-15 and 2019-08 look like ranges of hours and minutes.
    return ends.length <= 2 && ends.every((end) => end.length === ends[0]!.length && (end === '' || TIME.test(end)))
  })
}
