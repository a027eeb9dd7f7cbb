/** What the kind of a share decides beside its terms: who may make it, what leaves de-identified, which gates it has. */
import type { ShareTerms } from '../../contract/terms/share-terms.ts'
import type { StaffAction } from '../../permissions/staff-actions.ts'
import { asksOneTimePassword } from '../two-factor.ts'

/** What a recipient must pass, after the link, before the share opens. */
export type Gate = 'one-time-password'

export interface ShareKind {
  /** What the role of a member of staff must allow: the workstation asks first, and the relay decides again. */
  readonly action: StaffAction
  /** Whether everything leaves de-identified; reports, which cannot be de-identified, then do not leave at all. */
  leavesDeidentified(terms: Pick<ShareTerms, 'anonymize'>): boolean
  gates(terms: Pick<ShareTerms, 'twoFactor' | 'withoutTwoFactor'>, recipientId: string): readonly Gate[]
}

export const SHARE_KINDS = {
  /** A share with users of the organisation's directory. */
  user: {
    action: 'share',
    leavesDeidentified: (terms) => terms.anonymize,
    gates: (terms, recipientId) => (asksOneTimePassword(terms, recipientId) ? ['one-time-password'] : []),
  },
} as const satisfies Record<string, ShareKind>
