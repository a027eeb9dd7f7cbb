/**
 * What confirm says of a share. It is made from records alone, in one form for every relay: what a share says does not
 * change when workstation or relay are updated between a confirm and its retry.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Validity } from '../../src-core/contract/terms.ts'
import { canDo, type Protocol } from '../../src-core/contract/protocol.ts'
import type { ConfirmRequest, Receipt } from '../../src-core/contract/relay.ts'
import { isMasked, recipientName } from '../../src-core/directory/contacts.ts'
import { asksOneTimePassword } from '../../src-core/sharing/two-factor.ts'
import type { PackageRecord, ShareHead } from '../ports/records.ts'

function sentValidity(validity: Validity): ConfirmRequest['validity'] {
  return validity.kind === 'period'
    ? { kind: 'period', unit: validity.period.unit, count: validity.period.count }
    : validity
}

const unlessMasked = (contact: string): string => (isMasked(contact) ? '' : contact)

/**
 * A relay that writes to what it is given, and not to its own directory, must not get a share whose recipients have
 * contacts that only the directory knows: it would deliver it without a mail or without the one-time password.
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

export function confirmRequest(
  share: ShareHead,
  record: PackageRecord,
  exams: ConfirmRequest['exams'],
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
      recipientId: recipient.recipientId,
      name: recipientName(recipient),
      email: unlessMasked(recipient.email),
      mobile: unlessMasked(recipient.mobile),
      // One language for all (U12).
      language: mailLanguage,
      twoFactor: asksOneTimePassword(terms, recipient.recipientId),
      right: terms.right,
    })),
    validity: sentValidity(terms.validity),
    sender: { staffId: actor.staffId, name: actor.name },
    urgent: terms.urgent,
    anonymized: terms.anonymize,
    furtherSharing: terms.furtherSharing,
    sendMail: terms.sendMail,
    mailLanguage,
    message: terms.message,
    exams,
  }
}

/** Whether the relay says that it holds exactly what was sent (S4). */
export function receiptMatches(receipt: Receipt, record: PackageRecord): boolean {
  const said = new Map(receipt.parts.map((part) => [part.name, part]))
  return (
    receipt.shareId === record.shareId &&
    receipt.packageId === record.packageId &&
    said.size === record.parts.length &&
    record.parts.every(({ name, size, sha256 }) => said.get(name)?.size === size && said.get(name)?.sha256 === sha256)
  )
}
