/** Normalizes words for search: without case and diacritics, and dates in one format. */

/** Letters that Unicode does not decompose, but that people type without their strokes. */
const STROKES: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
}

/** Lower case, without diacritics, strokes and full-width forms. */
export function folded(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþıħ]/g, (letter) => STROKES[letter]!)
    .normalize('NFC')
}

/** The sequences of letters and digits in a text. */
export function words(text: string): string[] {
  return folded(text).match(/[\p{L}\p{N}]+/gu) ?? []
}

/** Converts a date as dd/mm/yyyy, dd.mm.yyyy or yyyy-mm-dd to YYYYMMDD; any other word is returned unchanged. */
export function dateWord(word: string): string {
  const day = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(word)
  if (day) return `${day[3]}${day[2]!.padStart(2, '0')}${day[1]!.padStart(2, '0')}`
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(word)
  return iso ? `${iso[1]}${iso[2]}${iso[3]}` : word
}

/**
 * Converts typed text to an FTS5 query: every word must be the beginning of a word of the row.
 * @returns null when nothing was typed that could match
 */
export function matchExpression(typed: string): string | null {
  const parts = typed.trim().split(/\s+/).map(dateWord).flatMap(words)
  // Words contain only letters and digits, so that none of them is an FTS5 operator.
  return parts.length > 0 ? parts.map((part) => `"${part}"*`).join(' ') : null
}
