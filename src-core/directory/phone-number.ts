/** Converts telephone numbers to international form. */

/**
 * The number as + and digits; empty when it does not state its country, because a national number could belong to
 * someone else in another country.
 * @see ITU-T E.164 (at most 15 digits)
 */
export function internationalNumber(text: string): string {
  const compact = text
    .replace(/\(0\)/g, '')
    .replace(/[\s./()-]/g, '')
    .replace(/^00/, '+')
  return /^\+[1-9]\d{6,14}$/.test(compact) ? compact : ''
}
