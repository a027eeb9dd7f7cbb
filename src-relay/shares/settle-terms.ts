/** The sender's terms against the department's policy and the calendar, settled at delivery (U13). */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import type { SharePolicy } from '../../src-core/contract/terms.ts'
import type { SharedTerms } from '../../src-core/contract/terms/share-terms.ts'
import { checkSharedTerms, recipientFacts } from '../../src-core/sharing/terms.ts'
import { expiresAt } from '../../src-core/sharing/validity.ts'

/**
 * Holds the policy as it is now: a share made before it became stricter is refused, with the rule's own code.
 * @param recipients the directory's entries of the grants
 * @returns the instant from which the share is expired; null: never
 * @error expired-before-delivery, and every refusal of checkSharedTerms
 */
export function settleTerms(
  terms: SharedTerms,
  recipients: readonly DirectoryEntry[],
  policy: SharePolicy,
  deliveredAt: Date,
): Date | null {
  const end = expiresAt(terms.validity, deliveredAt, policy.timeZone)
  if (end !== null && end < deliveredAt) throw new OutpostError('expired-before-delivery')
  const [refusal] = checkSharedTerms(terms, policy, { now: deliveredAt, recipients: recipients.map(recipientFacts) })
  if (refusal !== undefined) {
    const { code, recipientId } = refusal
    throw new OutpostError(code, recipientId === null ? {} : { recipientId })
  }
  return end
}
