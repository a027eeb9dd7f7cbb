/** What confirm says of a share. Made from records alone, so that every retry says the same, byte for byte. */
import type { DirectoryEntry, Validity } from '../../src-core/contract/models.ts'
import type { ConfirmRequest, Receipt } from '../../src-core/contract/relay.ts'
import { examLines } from '../../src-core/sharing/notice.ts'
import { asksOneTimePassword } from '../../src-core/sharing/two-factor.ts'
import type { PackageRecord, ShareRecord } from '../sharing/records.ts'

function sentValidity(validity: Validity): ConfirmRequest['validity'] {
  return validity.kind === 'period'
    ? { kind: 'period', unit: validity.period.unit, count: validity.period.count }
    : validity
}

function fullName({ prefix, givenName, familyName }: DirectoryEntry): string {
  return [prefix, givenName, familyName].filter(Boolean).join(' ')
}

export function confirmRequest(share: ShareRecord, record: PackageRecord): ConfirmRequest {
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
      name: fullName(recipient),
      email: recipient.email,
      mobile: recipient.mobile,
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
    exams: examLines(share.instances, terms.anonymize),
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
