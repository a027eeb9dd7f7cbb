import { expect, it } from 'vitest'
import { asksOneTimePassword } from './two-factor.ts'

it('U7: two-factor asks every recipient for a one-time password, but those who were excepted', () => {
  expect(asksOneTimePassword({ twoFactor: true }, 'a')).toBe(true)
  expect(asksOneTimePassword({ twoFactor: true, withoutTwoFactor: ['b'] }, 'a')).toBe(true)
  expect(asksOneTimePassword({ twoFactor: true, withoutTwoFactor: ['b'] }, 'b')).toBe(false)
  expect(asksOneTimePassword({ twoFactor: false }, 'a')).toBe(false)
})
