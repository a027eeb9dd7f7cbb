/** Checks the terms of a share against the department's policy at delivery, and computes its end (U13). */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import type { SharePolicy } from '../../src-core/contract/terms.ts'
import type { SharedTerms } from '../../src-core/contract/terms/share-terms.ts'
import { checkSharedTerms, recipientFacts } from '../../src-core/sharing/terms.ts'
import { expiresAt } from '../../src-core/sharing/validity.ts'

/**
 * Applies the current policy. A share that was made before the policy became stricter is refused with the code of the
 * rule.
 * @param recipients the directory entries of the grants
 * @returns the instant at which the share expires; null for never
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
