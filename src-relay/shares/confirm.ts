/** Confirms shares: each is delivered exactly once, whatever requests or answers are lost (S3, S4). */
import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { parseJson } from '../../src-core/parse-json.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { type DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { SharePolicy } from '../../src-core/contract/terms.ts'
import { Receipt, type ConfirmRequest } from '../../src-core/contract/relay.ts'
import { termsOfConfirm } from '../../src-core/sharing/confirm-terms.ts'
import { verifyManifest } from '../../src-engine/package/signature.ts'
import { openIdentity } from '../../src-engine/package/slots.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { newToken, sha256 } from '../sealing/relay-keys.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import { record } from '../audit/relay-log.ts'
import { canonical } from '../directory/canonical-json.ts'
import { queueNotice } from '../notices/queue-notice.ts'
import type { Database, DatabaseTransaction } from '../ports/database.ts'
import { storeGrant, storePackage, storeShare, type VerifiedRequest } from './store-share.ts'
import { verifyStoredParts } from './stored-parts.ts'
import { knownRecipients, type ActingWorkstation } from '../directory/known-people.ts'
import { readManifest } from './manifest-part.ts'
import type { ShareSecret } from '../sealing/sealed-records.ts'
import { settleTerms } from './settle-terms.ts'

/**
 * Takes over a share. The uploads are verified and opened before the transaction, because that is slow. The transaction
 * stores the effect and the answer together.
 * @param body the body of the request as it was received; a retry is recognised by its bytes
 * @error relay-refused the id belongs to another content, upload-not-found, offset-mismatch, checksum-mismatch,
 * manifest-signature-wrong, package-damaged, recipient-unknown, sender-unknown, not-allowed, expired-before-delivery,
 * and the errors of settleTerms
 */
export async function confirmShare(
  relay: RelayContext,
  workstation: ActingWorkstation,
  request: ConfirmRequest,
  body: Uint8Array,
): Promise<Receipt> {
  const hashes: RequestHashes = { body: sha256(body), parsed: sha256(canonical(request)) }
  const earlier = await earlierAnswer(relay.db, workstation, request.shareId, hashes)
  if (earlier !== null) return earlier
  if (new Set(request.grants.map((grant) => grant.recipientId)).size !== request.grants.length)
    throw new OutpostError('bad-request')
  const storedParts = await verifyStoredParts(relay, workstation, request.packageId, request.parts)
  if (!verifyManifest(request.manifestSha256, Buffer.from(request.signature, 'base64url'), workstation.signingKey))
    throw new OutpostError('manifest-signature-wrong')
  const identity = await openIdentity(Buffer.from(request.accountSlot, 'base64url'), relay.keys.identity)
  await readManifest(relay.objects, storedParts, identity, request)
  return relay.db.transaction().execute(async (transaction) => {
    // Of two retries at the same time the second waits here, and then finds the answer of the first.
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${request.shareId}, 1))`.execute(transaction)
    const answered = await earlierAnswer(transaction, workstation, request.shareId, hashes)
    if (answered !== null) return answered
    return store(relay, transaction, { workstation, request, requestSha256: hashes.body, storedParts, identity })
  })
}

interface RequestHashes {
  readonly body: Buffer
  /**
   * The hash of the parsed request, which relays of protocol version 1 stored. Parsing must therefore not add fields.
   */
  readonly parsed: Buffer
}

/** @error relay-refused the share exists with another content, or belongs to another workstation */
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
  const isSameRequest = [hashes.body, hashes.parsed].some((hash) => share.request_sha256.equals(hash))
  if (share.workstation_id !== workstation.workstationId || !isSameRequest) throw new OutpostError('relay-refused')
  return parseJson(share.answer, Receipt, 'internal')
}

async function store(
  relay: RelayContext,
  transaction: DatabaseTransaction,
  verified: VerifiedRequest & { readonly workstation: ActingWorkstation },
): Promise<Receipt> {
  const { workstation, request } = verified
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
  await storePackage(transaction, verified, deliveredAt)
  await storeShare(transaction, verified, { share, terms, sender, receipt, deliveredAt, expiresAt })
  for (const grant of grants) {
    await storeGrant(transaction, share, {
      ...grant,
      recipient: recipients.get(grant.recipientId) as DirectoryEntry,
      mailLanguage: request.mailLanguage,
    })
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
