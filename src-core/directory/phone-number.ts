/** Telephone numbers in international form. */

/**
 * + and digits; empty when the number does not say its country: one that is dialled at home could be anyone's abroad.
 * @see ITU-T E.164 (at most 15 digits)
 */
export function internationalNumber(text: string): string {
  const compact = text
    .replace(/\(0\)/g, '')
    .replace(/[\s./()-]/g, '')
    .replace(/^00/, '+')
  return /^\+[1-9]\d{6,14}$/.test(compact) ? compact : ''
}
