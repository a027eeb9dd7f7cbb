/** Formats a day in each language, for example 21 Nov 2026. Mails, pages and confirmations use the same form. */
import type { Language } from '../contract/identifiers.ts'

const LOCALES: Record<Language, string> = { en: 'en-GB', nl: 'nl-BE', fr: 'fr-BE', de: 'de-DE' }

/** The locale whose date format a language uses. */
export function localeOf(language: string): string {
  return LOCALES[language as Language] ?? LOCALES.en
}

/** Formatters by locale and time zone. They are kept because making one takes as long as formatting a hundred rows. */
const formats = new Map<string, Intl.DateTimeFormat>()

function dayFormat(locale: string, timeZone: string | undefined): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone}`
  let format = formats.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone })
    formats.set(key, format)
  }
  return format
}

/**
 * The calendar day of an instant, in a form that cannot be misread as another day.
 * @param timeZone IANA name; undefined: the time zone of the machine
 */
export function instantDayText(at: Date, language: string, timeZone: string | undefined): string {
  const locale = localeOf(language)
  const format = dayFormat(locale, timeZone)
  if (locale !== LOCALES.en) return format.format(at)
  // Some engines abbreviate September to four letters in English.
  const parts = format.formatToParts(at)
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? ''
  return `${part('day')} ${part('month').slice(0, 3)} ${part('year')}`
}

/**
 * The displayed form of a calendar day.
 * @param day YYYY-MM-DD
 */
export function dayText(day: string, language: string): string {
  return instantDayText(new Date(`${day}T00:00:00Z`), language, 'UTC')
}
