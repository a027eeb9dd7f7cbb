/** How directory entries and what users type become words that can be compared (U3): folded letters, bare digits. */
import type { DirectoryEntry } from '../contract/recipients.ts'

/** Letters that do not decompose into a base letter and a mark. */
const BASE: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
}

/** Lower case, without diacritics. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøđðþłħı]/g, (letter) => BASE[letter] ?? letter)
}

/** Folded words: runs of letters and digits. An apostrophe joins (d'Hondt → dhondt), everything else parts. */
export function foldedWords(text: string): string[] {
  return (
    foldText(text)
      .replace(/['’ʼ]/g, '')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

/** A number as it is compared: spaces, dots, dashes and slashes do not count. */
export function bareNumber(text: string): string {
  return foldText(text).replace(/[^\p{L}\p{N}]+/gu, '')
}

/** A number typed or stored with separators: digits with a few letters at most, such as AGB codes or HIN. */
const NUMBER_LIKE = /^[+(]?\d[\d\s./()-]*$/

/**
 * Every word under which an entry is found: names, numbers, and contacts that are public only. Not its specialty or
 * place: words that half of the directory shares would make every search slow, and find nobody in particular.
 * A mobile number is found in its international form and as it is dialled at home.
 */
export function entryWords(entry: DirectoryEntry): string[] {
  const words = new Set([entry.familyName, entry.givenName].flatMap(foldedWords))
  // Also as one word, so that "vandenberghe" finds "Van den Berghe".
  const family = foldedWords(entry.familyName)
  if (family.length > 1) words.add(family.join(''))
  for (const number of entry.numbers) words.add(bareNumber(number.value))
  if (entry.emailPublic) for (const word of foldedWords(entry.email)) words.add(word)
  if (entry.mobilePublic && entry.mobile) {
    const digits = bareNumber(entry.mobile)
    words.add(digits)
    for (let countryCode = 1; countryCode <= 3; countryCode++) words.add(`0${digits.slice(countryCode)}`)
  }
  words.delete('')
  return [...words]
}

/** Words of names, for which a typo is forgiven. */
export function nameWords(entry: DirectoryEntry): string[] {
  return [...new Set([entry.familyName, entry.givenName].flatMap(foldedWords))].filter(
    (word) => word.length >= MIN_FUZZY_LENGTH && !/\d/.test(word),
  )
}

/** In shorter words one letter is too much of the word. */
export const MIN_FUZZY_LENGTH = 4

/**
 * What a user typed, as words each of which must begin a word of the entry. Neighbouring pieces of a number are one
 * word: "1-12345 67.890" is typed by someone who reads it from a stamp.
 * @returns the readings of each word, of which one must fit. A number that begins with 00 has two: many professional
 * numbers begin so, and a telephone number that is dialled abroad does too, where the directory has a plus sign.
 */
export function queryWords(text: string): string[][] {
  const words: string[][] = []
  let digits = ''
  const flush = () => {
    words.push(digits.startsWith('00') ? [digits, digits.slice(2)] : [digits])
    digits = ''
  }
  for (const piece of text.trim().split(/\s+/)) {
    if (NUMBER_LIKE.test(piece)) digits += bareNumber(piece)
    else {
      flush()
      words.push(...foldedWords(piece).map((word) => [word]))
    }
  }
  flush()
  return words
    .map((readings) => readings.filter((reading) => reading !== ''))
    .filter((readings) => readings.length > 0)
    .slice(0, 8)
}

/** A word and each form of it with one letter left out: two words that differ by one slip share one of these. */
export function withOneLetterDeleted(word: string): string[] {
  const letters = [...word]
  return [...new Set([word, ...letters.map((_, index) => letters.toSpliced(index, 1).join(''))])]
}

/** Whether two words differ by at most one letter added, left out, replaced, or two neighbours swapped. */
export function withinEditDistance1(first: string, second: string): boolean {
  const [a, b] = [[...first], [...second]]
  if (Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let endA = a.length
  let endB = b.length
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--
    endB--
  }
  const [lengthA, lengthB] = [endA - start, endB - start]
  if (lengthA <= 1 && lengthB <= 1) return true
  return lengthA === 2 && lengthB === 2 && a[start] === b[start + 1] && a[start + 1] === b[start]
}
