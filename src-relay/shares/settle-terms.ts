/** The sender's terms against the department's policy and the calendar, settled at delivery (U13). */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DirectoryEntry, SharePolicy, ShareTerms, Validity } from '../../src-core/contract/models.ts'
import type { ConfirmRequest } from '../../src-core/contract/relay.ts'
import { checkTerms } from '../../src-core/sharing/terms.ts'
import { expiresAt } from '../../src-core/sharing/validity.ts'

/**
 * Holds the policy as it is now: a share made before it became stricter is refused, with the rule's own code.
 * @returns the instant from which the share is expired; null: never
 * @error expired-before-delivery, and every refusal of checkTerms
 */
export function settleTerms(request: ConfirmRequest, policy: SharePolicy, deliveredAt: Date): Date | null {
  const validity: Validity =
    request.validity.kind === 'period'
      ? { kind: 'period', period: { unit: request.validity.unit, count: request.validity.count } }
      : request.validity
  const end = expiresAt(validity, deliveredAt, policy.timeZone)
  if (end !== null && end < deliveredAt) throw new OutpostError('expired-before-delivery')
  for (const grant of request.grants) {
    const terms: ShareTerms = {
      right: grant.right,
      validity,
      urgent: request.urgent,
      anonymize: request.anonymized,
      twoFactor: grant.twoFactor,
      sendMail: request.sendMail,
      furtherSharing: request.furtherSharing,
      message: request.message,
      mailLanguage: request.mailLanguage,
      // Recorded at the workstation, and never sent here.
      reason: 'recorded',
      patientAgreed: true,
    }
    const recipient: DirectoryEntry = {
      recipientId: grant.recipientId,
      kind: 'user',
      familyName: grant.name,
      givenName: '',
      prefix: '',
      specialty: '',
      organisation: '',
      city: '',
      numbers: [],
      email: grant.email,
      emailPublic: false,
      mobile: grant.mobile,
      mobilePublic: false,
      language: grant.language,
      rank: 0,
    }
    const [refusal] = checkTerms(terms, policy, [recipient], deliveredAt)
    if (refusal !== undefined) throw new OutpostError(refusal.code)
  }
  return end
}
