import { expect, it } from 'vitest'
import { ERROR_CODES, knownCode } from './errors.ts'

it('S4: a stored code is told as it is called today, and one that nobody knows as internal', () => {
  for (const code of ERROR_CODES) expect(knownCode(code)).toBe(code)
  expect(['needs-a-look', 'not-all-seen', 'from-a-newer-version', '__proto__'].map(knownCode)).toEqual([
    'pixel-review-required',
    'frames-not-reviewed',
    'internal',
    'internal',
  ])
})
