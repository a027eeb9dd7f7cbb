/** The kinds of shares, and what a kind decides in addition to the terms. The contract states who may make a share. */
import type { ShareTerms } from '../../contract/terms/share-terms.ts'
import { asksOneTimePassword } from '../two-factor.ts'

/** A check that a recipient must pass, after opening the link, before the share opens. */
export type Gate = 'one-time-password'

export interface ShareKind {
  /** Whether all instances leave de-identified. Reports cannot be de-identified, so they do not leave at all then. */
  leavesDeidentified(terms: Pick<ShareTerms, 'anonymize'>): boolean
  gates(terms: Pick<ShareTerms, 'twoFactor' | 'withoutTwoFactor'>, recipientId: string): readonly Gate[]
}

export const SHARE_KINDS = {
  /** A share with users of the organisation's directory. */
  user: {
    leavesDeidentified: (terms) => terms.anonymize,
    gates: (terms, recipientId) => (asksOneTimePassword(terms, recipientId) ? ['one-time-password'] : []),
  },
} as const satisfies Record<string, ShareKind>
