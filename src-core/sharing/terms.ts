/** Whether a share may be made as it is asked for: the rules that the workstation holds, offline too. */
import type { ErrorCode } from '../contract/errors.ts'
import type { DirectoryEntry } from '../contract/recipients.ts'
import type { SharePolicy, ShareTerms } from '../contract/terms.ts'
import { asksOneTimePassword } from './two-factor.ts'
import { addPeriod, dayAt, endOfDay, lastDay } from './validity.ts'

export interface TermsRefusal {
  readonly code: ErrorCode
  /** Whom it is about, when it is about one recipient. */
  readonly recipientId: string | null
}

/**
 * Everything that stands against sending under these terms, in the order of the share panel; empty when nothing does.
 * @param recipients as the directory says now
 */
export function checkTerms(
  terms: ShareTerms,
  policy: SharePolicy,
  recipients: readonly DirectoryEntry[],
  now: Date,
): TermsRefusal[] {
  const found: TermsRefusal[] = []
  const refuse = (code: ErrorCode, recipientId: string | null = null) => found.push({ code, recipientId })
  if (recipients.length === 0) refuse('no-recipient')
  for (const recipient of recipients) {
    if (asksOneTimePassword(terms, recipient.recipientId) && !recipient.mobile)
      refuse('recipient-without-mobile', recipient.recipientId)
    // Where mail is only offered, one who has no address simply gets none: the exam is in their overview.
    if (policy.sendMail === 'required' && !recipient.email) refuse('recipient-without-email', recipient.recipientId)
  }
  if (policy.anonymize === 'required' && !terms.anonymize) refuse('anonymize-required')
  if (!policy.rights.includes(terms.right)) refuse('right-not-offered')
  for (const code of validityRefusals(terms, policy, now)) refuse(code)
  if (
    policy.twoFactor === 'required' &&
    (!terms.twoFactor || recipients.some(({ recipientId }) => !asksOneTimePassword(terms, recipientId)))
  )
    refuse('two-factor-required')
  if (policy.sendMail === 'required' && !terms.sendMail) refuse('send-mail-required')
  if (policy.furtherSharing === 'forbidden' && terms.furtherSharing) refuse('further-sharing-forbidden')
  if (terms.reason.trim() === '') refuse('reason-required')
  if (!terms.patientAgreed) refuse('patient-not-agreed')
  return found
}

function validityRefusals(terms: ShareTerms, policy: SharePolicy, now: Date): ErrorCode[] {
  const { validity } = terms
  if (validity.kind === 'unlimited') return policy.validity.unlimitedOffered ? [] : ['unlimited-not-offered']
  const day = lastDay(validity, now, policy.timeZone) as string
  if (endOfDay(day, policy.timeZone) < now) return ['validity-in-the-past']
  const { maximum } = policy.validity
  return maximum !== null && day > addPeriod(dayAt(now, policy.timeZone), maximum) ? ['validity-over-maximum'] : []
}
