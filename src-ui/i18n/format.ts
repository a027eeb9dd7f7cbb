/** Formats dates, names and sizes. Dates cannot be misread: 21 Nov 2026. */
import { instantDayText, localeOf } from '../../src-core/sharing/day-text.ts'

export { localeOf }

/**
 * Creates each formatter once per language, because creating one takes as long as formatting a hundred rows of a list.
 */
function perLanguage<T>(make: (locale: string) => T): (language: string) => T {
  const formatters = new Map<string, T>()
  return (language) => {
    const locale = localeOf(language)
    let formatter = formatters.get(locale)
    if (formatter === undefined) formatters.set(locale, (formatter = make(locale)))
    return formatter
  }
}

const countFormatter = perLanguage((locale) => new Intl.NumberFormat(locale))

/**
 * Writes a calendar day in words.
 * @param day DICOM DA (YYYYMMDD, or the old YYYY.MM.DD, PS3.5 section 6.2) or YYYY-MM-DD
 * @returns "21 Nov 2026"; a text that is not a day is returned unchanged, because a wrong guess would be worse
 */
export function formatDay(day: string, language: string): string {
  if (day.includes('\\'))
    return day
      .split('\\')
      .map((single) => formatDay(single, language))
      .filter(Boolean)
      .join('; ')
  const match = /^(\d{4})[-.]?(\d{2})[-.]?(\d{2})$/.exec(day.trim())
  if (!match) return day.trim()
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const instant = new Date(Date.UTC(year, month - 1, date))
  if (instant.getUTCMonth() !== month - 1 || instant.getUTCDate() !== date) return day.trim()
  return instantDayText(instant, language, 'UTC')
}

/** Writes an instant (ISO 8601) as "21 Nov 2026, 14:05". */
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

/** Writes a number of bytes as "412 MB", in decimal units, as operating systems and mobile plans count. */
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

/** Writes 1180 as "1,180", with the separators of the language. */
export function formatCount(count: number, language: string): string {
  return countFormatter(language).format(count)
}
