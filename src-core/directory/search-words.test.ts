import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { internationalNumber } from './phone-number.ts'
import { withinEditDistance1, queryWords, withOneLetterDeleted } from './search-words.ts'

describe('words', () => {
  it.each([
    ['+32 470/11.22.33', '+32470112233'],
    ['0032 (0)470 112233', '+32470112233'],
    ['0470 11 22 33', ''],
    ['+0470112233', ''],
    ['call me', ''],
  ])('number %s', (text, expected) => expect(internationalNumber(text)).toBe(expected))
  it('neighbouring pieces of a number are one word', () =>
    expect(queryWords('Peeters 1-12345 67.890 x')).toEqual([['peeters'], ['11234567890'], ['x']]))
  it('U3: words one slip apart share a form, and are recognised', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{4,10}$/),
        fc.nat(),
        fc.constantFrom('add', 'drop', 'replace', 'swap'),
        fc.constantFrom(...'abcdefgh'),
        (word, seed, kind, letter) => {
          const at = seed % (word.length - 1)
          const slipped =
            kind === 'add'
              ? word.slice(0, at) + letter + word.slice(at)
              : kind === 'drop'
                ? word.slice(0, at) + word.slice(at + 1)
                : kind === 'replace'
                  ? word.slice(0, at) + letter + word.slice(at + 1)
                  : word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)
          const forms = new Set(withOneLetterDeleted(word))
          expect(withOneLetterDeleted(slipped).some((form) => forms.has(form))).toBe(true)
          expect(withinEditDistance1(word, slipped)).toBe(true)
        },
      ),
    )
    expect(withinEditDistance1('peeters', 'peterse')).toBe(false)
  })
})
