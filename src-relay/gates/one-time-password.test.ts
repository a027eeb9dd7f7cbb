import { describe, expect, it } from 'vitest'
import { maskMobile } from './one-time-password.ts'

describe('one-time passwords', () => {
  it('U7: a number is shown so that only its owner knows it', () => {
    expect(maskMobile('+32499990012')).toBe('+32 ••• •• 12')
    expect([maskMobile(''), maskMobile('+1234')]).toEqual(['', ''])
  })
})
