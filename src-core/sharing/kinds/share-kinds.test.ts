import { describe, expect, it } from 'vitest'
import { earlierTerms } from '../../contract/terms/share-terms.ts'
import { SHARE_KINDS } from './share-kinds.ts'

const { user } = SHARE_KINDS

describe('a share with users of the directory', () => {
  it('U7 U17: a record that states neither leaves de-identified, and asks every recipient for a code', () => {
    const terms = earlierTerms(['anonymize', 'twoFactor', 'withoutTwoFactor']).parse({})
    expect(user.leavesDeidentified(terms)).toBe(true)
    expect(user.gates(terms, 'r1')).toEqual(['one-time-password'])
  })

  it('U7: asks exactly those for a code whom the sender did not take out', () => {
    const terms = { twoFactor: true, withoutTwoFactor: ['r2'] }
    expect(['r1', 'r2'].map((recipientId) => user.gates(terms, recipientId))).toEqual([['one-time-password'], []])
    expect(user.gates({ ...terms, twoFactor: false }, 'r1')).toEqual([])
  })
})
