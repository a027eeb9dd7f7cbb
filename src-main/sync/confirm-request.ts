/**
 * Builds the confirm request of a share from stored records. Its fields are the same for every relay, except that a
 * later term is omitted for a relay that does not know it.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { canDo, PROTOCOL, type Protocol } from '../../src-core/contract/protocol.ts'
import type { ConfirmRequest, Receipt } from '../../src-core/contract/relay.ts'
import { isMasked, recipientName } from '../../src-core/directory/contacts.ts'
import { statedGrant, statedTerms } from '../../src-core/sharing/confirm-terms.ts'
import { asksOneTimePassword } from '../../src-core/sharing/two-factor.ts'
import type { PackageRecord, ShareHead } from '../ports/records.ts'

const unlessMasked = (contact: string): string => (isMasked(contact) ? '' : contact)

/**
 * An older relay sends notices to the contacts in the request and not to those of its own directory. It must not
 * receive a share whose recipients have contacts that only the directory knows: it would deliver the share without a
 * mail or without the one-time password.
 * @error relay-outdated
 */
export function checkRelayCan(relay: Protocol, { terms, recipients }: ShareHead): void {
  if (canDo(relay, 'directory-contacts')) return
  const missing = recipients.some(
    ({ recipientId, email, mobile }) =>
      (terms.sendMail && isMasked(email)) || (asksOneTimePassword(terms, recipientId) && isMasked(mobile)),
  )
  if (missing) throw new OutpostError('relay-outdated', { term: 'directory-contacts' })
}

/**
 * @param relay the protocol that the relay states; absent: that of this program
 * @error relay-outdated when a term that the relay does not know would change the share
 */
export function confirmRequest(
  share: ShareHead,
  record: PackageRecord,
  exams: ConfirmRequest['exams'],
  relay: Protocol = PROTOCOL,
): ConfirmRequest {
  const { terms, mailLanguage, actor } = share
  return {
    shareId: share.shareId,
    packageId: record.packageId,
    parts: [...record.parts],
    manifestSha256: record.manifestSha256,
    signature: record.signature,
    ownerSlot: record.ownerSlot,
    accountSlot: record.accountSlot,
    grants: share.recipients.map((recipient) => ({
      ...statedGrant(terms, recipient.recipientId),
      name: recipientName(recipient),
      email: unlessMasked(recipient.email),
      mobile: unlessMasked(recipient.mobile),
      // All recipients of a share get one language (U12).
      language: mailLanguage,
    })),
    sender: { staffId: actor.staffId, name: actor.name },
    ...statedTerms(terms, relay),
    mailLanguage,
    exams,
  }
}

/** Whether the relay confirms exactly the parts that were sent (S4). */
export function receiptMatches(receipt: Receipt, record: PackageRecord): boolean {
  const confirmed = new Map(receipt.parts.map((part) => [part.name, part]))
  return (
    receipt.shareId === record.shareId &&
    receipt.packageId === record.packageId &&
    confirmed.size === record.parts.length &&
    record.parts.every(
      ({ name, size, sha256 }) => confirmed.get(name)?.size === size && confirmed.get(name)?.sha256 === sha256,
    )
  )
}
