/** What the kind of a share decides beside its terms. Who may make a share is stated in the contract. */
import type { ShareTerms } from '../../contract/terms/share-terms.ts'
import { asksOneTimePassword } from '../two-factor.ts'

/** What a recipient must pass, after the link, before the share opens. */
export type Gate = 'one-time-password'

export interface ShareKind {
  /** Whether everything leaves de-identified; reports, which cannot be de-identified, then do not leave at all. */
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
