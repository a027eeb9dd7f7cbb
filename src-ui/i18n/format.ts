/** How dates, names and sizes are written. Dates are never ambiguous: 21 Nov 2026. */
import { instantDayText, localeOf } from '../../src-core/sharing/day-text.ts'

export { localeOf }

/** What makes an answer once and keeps it: a formatter costs as long to make as a hundred rows of a list to format. */
function kept<T>(make: (locale: string) => T): (language: string) => T {
  const made = new Map<string, T>()
  return (language) => {
    const locale = localeOf(language)
    let found = made.get(locale)
    if (found === undefined) made.set(locale, (found = make(locale)))
    return found
  }
}

const counts = kept((locale) => new Intl.NumberFormat(locale))

/**
 * A calendar day in words.
 * @param day DICOM DA (YYYYMMDD, or the old YYYY.MM.DD, PS3.5 section 6.2) or YYYY-MM-DD
 * @returns "21 Nov 2026"; what is not a day comes back as it is, since a wrong guess would be worse
 */
export function formatDay(day: string, language: string): string {
  if (day.includes('\\'))
    return day
      .split('\\')
      .map((one) => formatDay(one, language))
      .filter(Boolean)
      .join('; ')
  const match = /^(\d{4})[-.]?(\d{2})[-.]?(\d{2})$/.exec(day.trim())
  if (!match) return day.trim()
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const instant = new Date(Date.UTC(year, month - 1, date))
  if (instant.getUTCMonth() !== month - 1 || instant.getUTCDate() !== date) return day.trim()
  return instantDayText(instant, language, 'UTC')
}

/** An instant (ISO 8601) as "21 Nov 2026, 14:05". */
export function formatInstant(instant: string, language: string, timeZone?: string): string {
  const at = new Date(instant)
  const time = new Intl.DateTimeFormat(localeOf(language), {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).format(at)
  return `${instantDayText(at, language, timeZone)}, ${time}`
}

/** Bytes in the reader's words: "412 MB". Decimal units, as operating systems and mobile plans count. */
export function formatBytes(bytes: number, language: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  const digits = step > 0 && value < 10 ? 1 : 0
  return new Intl.NumberFormat(localeOf(language), {
    style: 'unit',
    unit: units[step]!,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(value)
}

/** 1180 as "1,180" in the reader's custom. */
export function formatCount(count: number, language: string): string {
  return counts(language).format(count)
}
