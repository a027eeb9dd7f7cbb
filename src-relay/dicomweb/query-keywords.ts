/** Reads the attribute names of queries: a keyword, or eight hexadecimal digits (PS3.18 8.3.4.1). */
import { tagDigits, tagOf } from '../../src-core/dicom/dictionary.ts'

/** @returns the tag as eight digits, or undefined for an unknown keyword */
export function keywordTag(name: string): string | undefined {
  if (/^[0-9A-Fa-f]{8}$/.test(name)) return name.toUpperCase()
  const tag = tagOf(name)
  return tag === undefined ? undefined : tagDigits(tag).toUpperCase()
}
