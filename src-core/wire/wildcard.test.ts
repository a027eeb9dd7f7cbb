import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesWildcard } from './wildcard.ts'

/** The definition as a table: whether the first t characters match the first p characters of the pattern. */
function oracle(text: string[], pattern: string[]): boolean {
  let row = [true, ...text.map(() => false)]
  for (const wanted of pattern) {
    const next = [wanted === '*' && row[0]!]
    for (let t = 1; t <= text.length; t += 1)
      next.push(wanted === '*' ? row[t]! || next[t - 1]! : row[t - 1]! && (wanted === '?' || wanted === text[t - 1]))
    row = next
  }
  return row.at(-1)!
}

/** Counts the characters that are read. */
function counted(text: string): { characters: ArrayLike<string>; looks(): number } {
  let looks = 0
  const characters = new Proxy([...text], {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) looks += 1
      return Reflect.get(target, name) as unknown
    },
  })
  return { characters, looks: () => looks }
}

const looksAt = (text: string, pattern: string): number => {
  const { characters, looks } = counted(text)
  matchesWildcard(characters, [...pattern])
  return looks()
}

describe('wildcards (PS3.4 C.2.2.2.4)', () => {
  it('X6: patterns over few characters match exactly what the definition says', () => {
    const over = (letters: string[], maxLength: number) => fc.array(fc.constantFrom(...letters), { maxLength })
    fc.assert(
      fc.property(over(['a', 'b', '?'], 14), over(['a', 'b', '*', '?'], 9), (text, pattern) => {
        expect(matchesWildcard(text, pattern)).toBe(oracle(text, pattern))
      }),
      { seed: 17, numRuns: 20_000 },
    )
  })

  it('X12: twice the value is at most twice the work, whatever the pattern', () => {
    const patterns = [
      '*a*a*a*a*b',
      '*a?a*a?b',
      `*${'a'.repeat(50)}b*`,
      '*?*?*?*?b',
      `${'*a'.repeat(40)}b`,
      '*a*'.repeat(30),
    ]
    for (const pattern of patterns) {
      const [once, twice] = [1000, 2000].map((length) => looksAt('a'.repeat(length), pattern))
      expect(twice, pattern).toBeLessThanOrEqual(2 * once! + pattern.length ** 2)
      expect(twice, pattern).toBeLessThanOrEqual(2000 * pattern.length)
    }
  })
})
