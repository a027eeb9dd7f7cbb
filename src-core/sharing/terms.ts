/**
 * Checks whether a share may be made under its terms, by the rules of the table. The rules apply without a connection
 * too.
 */
import type { SharePolicy } from '../contract/terms.ts'
import { SHARED_TERMS, type SharedTerms, type ShareTerms } from '../contract/terms/share-terms.ts'
import { TERMS, type TermName } from '../contract/terms/table.ts'
import { type AnyTerm, refusal, type RecipientFacts, type TermRefusal } from '../contract/terms/term.ts'
import { asksOneTimePassword } from './two-factor.ts'
import { dayAt } from './validity.ts'

export interface ShareFacts {
  readonly now: Date
  readonly recipients: readonly Omit<RecipientFacts, 'asksOneTimePassword'>[]
}

/** The facts about a directory entry that the rules need. */
export const recipientFacts = ({
  recipientId,
  email,
  mobile,
}: {
  readonly recipientId: string
  readonly email: string
  readonly mobile: string
}): ShareFacts['recipients'][number] => ({ recipientId, hasMobile: mobile !== '', hasEmail: email !== '' })

/** All refusals of these terms, in the order of the table; empty when there are none. */
export const checkTerms = (terms: ShareTerms, policy: SharePolicy, facts: ShareFacts): TermRefusal[] =>
  refusalsOf(Object.keys(TERMS) as TermName[], terms, policy, facts)

/** Like checkTerms, for the terms that leave the workstation. */
export const checkSharedTerms = (terms: SharedTerms, policy: SharePolicy, facts: ShareFacts): TermRefusal[] =>
  refusalsOf(SHARED_TERMS, terms, policy, facts)

function refusalsOf<Name extends TermName>(
  names: readonly Name[],
  terms: SharedTerms & Pick<ShareTerms, Name>,
  policy: SharePolicy,
  { now, recipients }: ShareFacts,
): TermRefusal[] {
  const facts = {
    today: dayAt(now, policy.timeZone),
    recipients: recipients.map((recipient) => ({
      ...recipient,
      asksOneTimePassword: asksOneTimePassword(terms, recipient.recipientId),
    })),
  }
  return [
    ...(recipients.length === 0 ? [refusal('no-recipient')] : []),
    ...names.flatMap((name) => {
      const term: AnyTerm = TERMS[name]
      return term.refusals?.(terms[name], policy, facts) ?? []
    }),
  ]
}
