/** Inserts the rows of a share, in the transaction that confirms it. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { RelayTerms } from '../../src-core/contract/terms/share-terms.ts'
import type { ConfirmRequest, Receipt } from '../../src-core/contract/relay.ts'
import { recipientName } from '../../src-core/directory/contacts.ts'
import type { termsOfConfirm } from '../../src-core/sharing/confirm-terms.ts'
import { wrapAccountSlot } from '../../src-engine/package/slots.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import type { StoredPart } from '../ports/schema.ts'
import { sha256 } from '../sealing/relay-keys.ts'
import { sealContact, sealDetails, type ShareSecret } from '../sealing/sealed-records.ts'
import { claimUploads } from './stored-parts.ts'

/** A request to confirm whose package was verified and opened. */
export interface VerifiedRequest {
  readonly workstation: Workstation
  readonly request: ConfirmRequest
  readonly requestSha256: Buffer
  readonly storedParts: StoredPart[]
  readonly identity: string
}

/** @error relay-refused, upload-not-found */
export async function storePackage(
  transaction: DatabaseTransaction,
  { workstation, request, storedParts }: VerifiedRequest,
  at: Date,
): Promise<void> {
  const { packageId } = request
  await transaction
    .insertInto('package')
    .values({
      package_id: packageId,
      department_id: workstation.departmentId,
      workstation_id: workstation.workstationId,
      manifest_sha256: request.manifestSha256,
      signature: request.signature,
      parts: JSON.stringify(storedParts),
      created_at: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  // Because of the row lock, an ending or a removal of this package either waits for this share, or is visible here.
  const stored = await transaction
    .selectFrom('package')
    .select(['workstation_id', 'manifest_sha256', 'emptied_at'])
    .where('package_id', '=', packageId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  // The id may belong to a package of another workstation, or to a package with another content.
  if (stored.workstation_id !== workstation.workstationId || stored.manifest_sha256 !== request.manifestSha256)
    throw new OutpostError('relay-refused')
  await claimUploads(transaction, packageId, storedParts, at)
  if (stored.emptied_at !== null)
    await transaction
      .updateTable('package')
      .set({ emptied_at: null, parts: JSON.stringify(storedParts) })
      .where('package_id', '=', packageId)
      .execute()
  await transaction
    .insertInto('owner_slot')
    .values({ package_id: packageId, slot: Buffer.from(request.ownerSlot, 'base64url') })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

interface NewShare {
  readonly share: ShareSecret
  readonly terms: ReturnType<typeof termsOfConfirm>
  readonly sender: { readonly staffId: string; readonly name: string }
  readonly receipt: Receipt
  readonly deliveredAt: Date
  readonly expiresAt: Date | null
}

export async function storeShare(
  transaction: DatabaseTransaction,
  { workstation, request, requestSha256, identity }: VerifiedRequest,
  { share, terms, sender, receipt, deliveredAt, expiresAt }: NewShare,
): Promise<void> {
  const { shareId } = request
  await transaction
    .insertInto('share')
    .values({
      share_id: shareId,
      package_id: request.packageId,
      department_id: workstation.departmentId,
      workstation_id: workstation.workstationId,
      request_sha256: requestSha256,
      answer: JSON.stringify(receipt),
      sealed_details: sealDetails(share, {
        ...request,
        ...terms,
        sender: { staffId: sender.staffId, name: sender.name },
      }),
      terms: JSON.stringify(RelayTerms.parse(terms)),
      delivered_at: deliveredAt,
      expires_at: expiresAt,
      ended_at: null,
      ended_by: null,
    })
    .execute()
  await transaction
    .insertInto('server_secret')
    .values({
      share_id: shareId,
      secret: Buffer.from(share.secret),
      account_slot: Buffer.from(
        wrapAccountSlot(identity, { relayKey: share.keys.relayKey, serverSecret: share.secret, shareId }),
      ),
    })
    .execute()
}

type NewGrant = ConfirmRequest['grants'][number] & {
  readonly grantId: string
  /** The token of the link. */
  readonly token: string
  readonly recipient: DirectoryEntry
  readonly mailLanguage: ConfirmRequest['mailLanguage']
}

export async function storeGrant(transaction: DatabaseTransaction, share: ShareSecret, grant: NewGrant): Promise<void> {
  const { grantId, recipient, mailLanguage } = grant
  const { email, mobile, language } = recipient
  await transaction
    .insertInto('share_grant')
    .values({
      grant_id: grantId,
      share_id: share.shareId,
      recipient_id: grant.recipientId,
      language: language ?? mailLanguage,
      recipient_right: grant.right,
      two_factor: grant.twoFactor,
      sealed_contact: sealContact(share, grantId, { name: recipientName(recipient), email, mobile }),
      token_sha256: sha256(grant.token),
      blocked_at: null,
      notified_at: null,
      opened_at: null,
    })
    .execute()
}
