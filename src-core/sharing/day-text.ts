/** How a day is written in each language, so that mails, pages and confirmations write one day alike: 21 Nov 2026. */
import type { Language } from '../contract/identifiers.ts'

const LOCALES: Record<Language, string> = { en: 'en-GB', nl: 'nl-BE', fr: 'fr-BE', de: 'de-DE' }

/** The locale whose customs a language follows here. */
export function localeOf(language: string): string {
  return LOCALES[language as Language] ?? LOCALES.en
}

/** To make a formatter takes as long as to format a hundred rows of a list with it. */
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
 * The calendar day of an instant in words that no reader takes for another day.
 * @param timeZone IANA name; undefined: the time zone of the machine
 */
export function instantDayText(at: Date, language: string, timeZone: string | undefined): string {
  const locale = localeOf(language)
  const format = dayFormat(locale, timeZone)
  if (locale !== LOCALES.en) return format.format(at)
  // Some engines abbreviate September to four letters in English.
  const parts = format.formatToParts(at)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('day')} ${part('month').slice(0, 3)} ${part('year')}`
}

/** @param day YYYY-MM-DD */
export function dayText(day: string, language: string): string {
  return instantDayText(new Date(`${day}T00:00:00Z`), language, 'UTC')
}
