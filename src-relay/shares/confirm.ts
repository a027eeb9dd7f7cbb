/** Confirm: a share becomes delivered exactly once, whatever is lost on the way (S3, S4). */
import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { parseJson } from '../../src-core/parse-json.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { type DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { SharePolicy } from '../../src-core/contract/terms.ts'
import { RelayTerms } from '../../src-core/contract/terms/share-terms.ts'
import { Receipt, type ConfirmRequest } from '../../src-core/contract/relay.ts'
import { recipientName } from '../../src-core/directory/contacts.ts'
import { termsOfConfirm } from '../../src-core/sharing/confirm-terms.ts'
import { verifyManifest } from '../../src-engine/package/signature.ts'
import { openIdentity, wrapAccountSlot } from '../../src-engine/package/slots.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { newToken, sha256 } from '../sealing/relay-keys.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import { record } from '../audit/relay-log.ts'
import { canonical } from '../directory/canonical-json.ts'
import { queueNotice } from '../notices/queue-notice.ts'
import type { Database, DatabaseTransaction } from '../ports/database.ts'
import type { StoredPart } from '../ports/schema.ts'
import { verifyStoredParts, keepParts } from './stored-parts.ts'
import { knownRecipients, type ActingWorkstation } from '../directory/known-people.ts'
import { readManifest } from './manifest-part.ts'
import { sealContact, sealDetails, type ShareSecret } from '../sealing/sealed-records.ts'
import { settleTerms } from './settle-terms.ts'

/**
 * Takes a share over. The slow part, finding and opening what was uploaded, comes before the transaction; the effect and
 * the answer are stored together.
 * @param sent the body of the request as it was received: a retry is recognised by its bytes
 * @error relay-refused the id is taken by another content, upload-not-found, offset-mismatch, checksum-mismatch,
 * manifest-signature-wrong, package-damaged, recipient-unknown, sender-unknown, not-allowed, expired-before-delivery,
 * and what the policy refuses
 */
export async function confirmShare(
  relay: RelayContext,
  workstation: ActingWorkstation,
  request: ConfirmRequest,
  sent: Uint8Array,
): Promise<Receipt> {
  const hashes: RequestHashes = { sent: sha256(sent), parsed: sha256(canonical(request)) }
  const before = await earlierAnswer(relay.db, workstation, request.shareId, hashes)
  if (before !== null) return before
  if (new Set(request.grants.map((grant) => grant.recipientId)).size !== request.grants.length)
    throw new OutpostError('bad-request')
  const held = await verifyStoredParts(relay, workstation, request.packageId, request.parts)
  if (!verifyManifest(request.manifestSha256, Buffer.from(request.signature, 'base64url'), workstation.signingKey))
    throw new OutpostError('manifest-signature-wrong')
  const identity = await openIdentity(Buffer.from(request.accountSlot, 'base64url'), relay.keys.identity)
  await readManifest(relay.objects, held, identity, request)
  return relay.db.transaction().execute(async (transaction) => {
    // Two retries at once: the second waits here, and then finds the answer.
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${request.shareId}, 1))`.execute(transaction)
    const answered = await earlierAnswer(transaction, workstation, request.shareId, hashes)
    if (answered !== null) return answered
    return store(relay, transaction, { workstation, request, requestSha256: hashes.sent, held, identity })
  })
}

interface RequestHashes {
  readonly sent: Buffer
  /** Of the parsed request: what relays of protocol version 1 stored. It holds as long as parsing adds nothing. */
  readonly parsed: Buffer
}

/** @error relay-refused the share is known with another content, or is another's */
async function earlierAnswer(
  db: Database,
  workstation: Workstation,
  shareId: string,
  hashes: RequestHashes,
): Promise<Receipt | null> {
  const share = await db
    .selectFrom('share')
    .select(['workstation_id', 'request_sha256', 'answer'])
    .where('share_id', '=', shareId)
    .executeTakeFirst()
  if (share === undefined) return null
  const same = [hashes.sent, hashes.parsed].some((hash) => share.request_sha256.equals(hash))
  if (share.workstation_id !== workstation.workstationId || !same) throw new OutpostError('relay-refused')
  return parseJson(share.answer, Receipt, 'internal')
}

interface Confirmed {
  readonly workstation: ActingWorkstation
  readonly request: ConfirmRequest
  readonly requestSha256: Buffer
  readonly held: StoredPart[]
  readonly identity: string
}

async function store(relay: RelayContext, transaction: DatabaseTransaction, confirmed: Confirmed): Promise<Receipt> {
  const { workstation, request, held, identity } = confirmed
  const { shareId, packageId } = request
  const deliveredAt = relay.now()
  const { policy } = await transaction
    .selectFrom('department')
    .select('policy')
    .where('department_id', '=', workstation.departmentId)
    .executeTakeFirstOrThrow()
  const sender = await workstation.actingStaff(transaction, request.sender.staffId)
  const recipients = await knownRecipients(
    transaction,
    workstation.organisationId,
    request.grants.map(({ recipientId }) => recipientId),
  )
  const terms = termsOfConfirm(request)
  const expiresAt = settleTerms(terms, [...recipients.values()], SharePolicy.parse(policy), deliveredAt)
  const share: ShareSecret = { keys: relay.keys, secret: randomBytes(32), shareId }
  const grants = request.grants.map((grant) => ({ ...grant, grantId: randomUUID(), token: newToken() }))
  const receipt: Receipt = {
    shareId,
    packageId,
    deliveredAt: deliveredAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    parts: request.parts,
    grants: grants.map(({ recipientId, grantId }) => ({ recipientId, grantId })),
  }
  await transaction
    .insertInto('package')
    .values({
      package_id: packageId,
      department_id: workstation.departmentId,
      workstation_id: workstation.workstationId,
      manifest_sha256: request.manifestSha256,
      signature: request.signature,
      parts: JSON.stringify(held),
      created_at: deliveredAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  // The lock makes an ending, or the removal of what ended, wait for this share or be seen here.
  const stored = await transaction
    .selectFrom('package')
    .select(['workstation_id', 'manifest_sha256', 'emptied_at'])
    .where('package_id', '=', packageId)
    .forUpdate()
    .executeTakeFirstOrThrow()
  // Another workstation that took the same id in the meantime, or another content under it.
  if (stored.workstation_id !== workstation.workstationId || stored.manifest_sha256 !== request.manifestSha256)
    throw new OutpostError('relay-refused')
  await keepParts(transaction, packageId, held, deliveredAt)
  if (stored.emptied_at !== null)
    await transaction
      .updateTable('package')
      .set({ emptied_at: null, parts: JSON.stringify(held) })
      .where('package_id', '=', packageId)
      .execute()
  await transaction
    .insertInto('owner_slot')
    .values({ package_id: packageId, slot: Buffer.from(request.ownerSlot, 'base64url') })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await transaction
    .insertInto('share')
    .values({
      share_id: shareId,
      package_id: packageId,
      department_id: workstation.departmentId,
      workstation_id: workstation.workstationId,
      request_sha256: confirmed.requestSha256,
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
        wrapAccountSlot(identity, { relayKey: relay.keys.relayKey, serverSecret: share.secret, shareId }),
      ),
    })
    .execute()
  for (const grant of grants) {
    const recipient = recipients.get(grant.recipientId) as DirectoryEntry
    const { email, mobile, language } = recipient
    await transaction
      .insertInto('share_grant')
      .values({
        grant_id: grant.grantId,
        share_id: shareId,
        recipient_id: grant.recipientId,
        language: language ?? request.mailLanguage,
        recipient_right: grant.right,
        two_factor: grant.twoFactor,
        sealed_contact: sealContact(share, grant.grantId, { name: recipientName(recipient), email, mobile }),
        token_sha256: sha256(grant.token),
        blocked_at: null,
        notified_at: null,
        opened_at: null,
      })
      .execute()
    if (terms.sendMail)
      await queueNotice(relay, transaction, share, {
        grantId: grant.grantId,
        kind: 'mail-of-share',
        secretText: grant.token,
        at: deliveredAt,
      })
  }
  const { urgent, anonymize: anonymized } = terms
  await record(transaction, {
    at: deliveredAt,
    actor: { kind: 'staff', id: sender.staffId },
    action: 'confirm',
    departmentId: workstation.departmentId,
    workstationId: workstation.workstationId,
    shareId,
    detail: { packageId, recipientIds: grants.map(({ recipientId }) => recipientId), urgent, anonymized },
  })
  return receipt
}
