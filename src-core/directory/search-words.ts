/**
 * Converts directory entries and search texts to words that can be compared (U3): letters without diacritics, and bare
 * digits.
 */
import type { DirectoryEntry } from '../contract/recipients.ts'

/** Letters that Unicode does not decompose into a base letter and a mark. */
const BASE_LETTERS: Readonly<Record<string, string>> = {
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

/** The text in lower case, without diacritics. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøđðþłħı]/g, (letter) => BASE_LETTERS[letter] ?? letter)
}

/**
 * The folded words of a text: runs of letters and digits. An apostrophe joins words (d'Hondt → dhondt); any other
 * character separates them.
 */
export function foldedWords(text: string): string[] {
  return (
    foldText(text)
      .replace(/['’ʼ]/g, '')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

/** A number in the form that is compared: without spaces, dots, dashes and slashes. */
export function bareNumber(text: string): string {
  return foldText(text).replace(/[^\p{L}\p{N}]+/gu, '')
}

/** A number with separators: digits with few letters, such as AGB codes or HIN. */
const NUMBER_LIKE = /^[+(]?\d[\d\s./()-]*$/

/**
 * Every word by which an entry is found: names, numbers, and public contacts. Specialty and city are not included,
 * because words that half of the directory shares would make every search slow and find no particular person. A mobile
 * number is found in its international and its national form.
 */
export function entryWords(entry: DirectoryEntry): string[] {
  const words = new Set([entry.familyName, entry.givenName].flatMap(foldedWords))
  // The family name is added as one word too, so that "vandenberghe" finds "Van den Berghe".
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

/** The words of names, in which a search allows one typing error. */
export function nameWords(entry: DirectoryEntry): string[] {
  return [...new Set([entry.familyName, entry.givenName].flatMap(foldedWords))].filter(
    (word) => word.length >= MIN_FUZZY_LENGTH && !/\d/.test(word),
  )
}

/**
 * The minimum number of letters of a word in which a search allows a typing error. In shorter words one letter is too
 * large a part of the word.
 */
export const MIN_FUZZY_LENGTH = 4

/**
 * The words of a search text. Each must begin a word of the entry. Neighbouring pieces of a number are one word,
 * because people who read a number from a stamp type "1-12345 67.890".
 * @returns the readings of each word, of which one must match. A number that begins with 00 has two, because it can be
 * a professional number that begins so, or an international telephone number, for which the directory has a plus sign
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

/** A word and all forms of it with one letter left out. Two words that differ by one error share one of these forms. */
export function withOneLetterDeleted(word: string): string[] {
  const letters = [...word]
  return [...new Set([word, ...letters.map((_, index) => letters.toSpliced(index, 1).join(''))])]
}

/**
 * Whether two words differ by at most one letter that is added, left out or replaced, or by two neighbouring letters
 * that are swapped.
 */
export function withinEditDistance1(first: string, second: string): boolean {
  const [firstLetters, secondLetters] = [[...first], [...second]]
  if (Math.abs(firstLetters.length - secondLetters.length) > 1) return false
  let start = 0
  while (start < firstLetters.length && start < secondLetters.length && firstLetters[start] === secondLetters[start])
    start++
  let firstEnd = firstLetters.length
  let secondEnd = secondLetters.length
  while (firstEnd > start && secondEnd > start && firstLetters[firstEnd - 1] === secondLetters[secondEnd - 1]) {
    firstEnd--
    secondEnd--
  }
  const [firstLength, secondLength] = [firstEnd - start, secondEnd - start]
  if (firstLength <= 1 && secondLength <= 1) return true
  return (
    firstLength === 2 &&
    secondLength === 2 &&
    firstLetters[start] === secondLetters[start + 1] &&
    firstLetters[start + 1] === secondLetters[start]
  )
}
