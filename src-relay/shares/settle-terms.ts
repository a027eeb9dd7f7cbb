/** The sender's terms against the department's policy and the calendar, settled at delivery (U13). */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import type { SharePolicy, Validity } from '../../src-core/contract/terms.ts'
import type { ConfirmRequest } from '../../src-core/contract/relay.ts'
import { checkTerms } from '../../src-core/sharing/terms.ts'
import { expiresAt } from '../../src-core/sharing/validity.ts'

/**
 * Holds the policy as it is now: a share made before it became stricter is refused, with the rule's own code.
 * @param recipients the directory's entries of the grants, by their ids
 * @returns the instant from which the share is expired; null: never
 * @error expired-before-delivery, and every refusal of checkTerms
 */
export function settleTerms(
  request: ConfirmRequest,
  recipients: ReadonlyMap<string, DirectoryEntry>,
  policy: SharePolicy,
  deliveredAt: Date,
): Date | null {
  const validity: Validity =
    request.validity.kind === 'period'
      ? { kind: 'period', period: { unit: request.validity.unit, count: request.validity.count } }
      : request.validity
  const end = expiresAt(validity, deliveredAt, policy.timeZone)
  if (end !== null && end < deliveredAt) throw new OutpostError('expired-before-delivery')
  for (const { recipientId, right, twoFactor } of request.grants) {
    const recipient = recipients.get(recipientId)
    const terms = {
      ...request,
      right,
      twoFactor,
      validity,
      anonymize: request.anonymized,
      // Recorded at the workstation, and never sent here.
      reason: 'recorded',
      patientAgreed: true,
    }
    const [refusal] = checkTerms(terms, policy, recipient ? [recipient] : [], deliveredAt)
    if (refusal !== undefined) throw new OutpostError(refusal.code, refusal.recipientId === null ? {} : { recipientId })
  }
  return end
}
