/** Compares the stored parts of a package with the list of parts in the workstation's request (S4). */
import { createHash } from 'node:crypto'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { SealedPart } from '../../src-core/contract/relay.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import type { StoredPart } from '../ports/schema.ts'
import { restartUpload } from '../uploads/upload-records.ts'

/**
 * Finds every part and verifies its hash. A part whose tree hash was compared during the upload is not read again; the
 * objects of other parts are read and hashed.
 * @returns the parts with their objects
 * @error upload-not-found
 * @error offset-mismatch a part is not complete
 * @error checksum-mismatch a part is damaged, and has to be sent again
 * @error relay-refused the package belongs to another workstation, or has other parts
 */
export async function verifyStoredParts(
  relay: RelayContext,
  workstation: Workstation,
  packageId: string,
  parts: readonly SealedPart[],
): Promise<StoredPart[]> {
  if (new Set(parts.map((part) => part.name)).size !== parts.length) throw new OutpostError('bad-request')
  const storedPackage = await relay.db
    .selectFrom('package')
    .select(['parts', 'workstation_id', 'emptied_at'])
    .where('package_id', '=', packageId)
    .executeTakeFirst()
  if (
    storedPackage !== undefined &&
    (storedPackage.workstation_id !== workstation.workstationId ||
      (storedPackage.emptied_at === null && storedPackage.parts.length !== parts.length))
  )
    throw new OutpostError('relay-refused')
  const storedParts =
    storedPackage === undefined || storedPackage.emptied_at !== null
      ? await uploadedParts(relay, workstation, packageId, parts)
      : partsOfPackage(storedPackage.parts, parts)
  const verifiedOnArrival = await objectsVerifiedOnArrival(relay, storedParts)
  for (const part of storedParts) {
    if (verifiedOnArrival.has(part.object) || (await hashOf(relay, part.object)) === part.sha256) continue
    await restartUpload(relay, part.object)
    throw new OutpostError('checksum-mismatch', { part: part.name })
  }
  return storedParts
}

/**
 * @returns the objects whose upload announced a tree hash. Such an upload is only complete if its bytes have that hash.
 */
async function objectsVerifiedOnArrival(
  { db }: RelayContext,
  storedParts: readonly StoredPart[],
): Promise<ReadonlySet<string>> {
  const uploads = await db
    .selectFrom('upload')
    .select('upload_id')
    .where(
      'upload_id',
      'in',
      storedParts.map((part) => part.object),
    )
    .where('tree_sha256', 'is not', null)
    .execute()
  return new Set(uploads.map((upload) => upload.upload_id))
}

async function uploadedParts(
  relay: RelayContext,
  workstation: Workstation,
  packageId: string,
  parts: readonly SealedPart[],
): Promise<StoredPart[]> {
  const { db, objects } = relay
  const uploads = await db
    .selectFrom('upload')
    .select(['upload_id', 'part', 'length', 'received', 'sha256'])
    .where('workstation_id', '=', workstation.workstationId)
    .where('package_id', '=', packageId)
    .execute()
  return Promise.all(
    parts.map(async (part) => {
      const upload = uploads.find((candidate) => candidate.part === part.name)
      if (upload === undefined) throw new OutpostError('upload-not-found', { part: part.name })
      if (upload.length !== part.size || upload.sha256 !== part.sha256)
        throw new OutpostError('relay-refused', { part: part.name })
      if (upload.received !== upload.length) throw new OutpostError('offset-mismatch', { part: part.name })
      if ((await objects.size(upload.upload_id)) !== upload.length) {
        // A crash interrupted the removal of the object, or the disk lost it.
        await restartUpload(relay, upload.upload_id)
        throw new OutpostError('offset-mismatch', { part: part.name })
      }
      return { name: part.name, size: part.size, sha256: part.sha256, object: upload.upload_id }
    }),
  )
}

/**
 * Marks the uploads of a share as used, in the transaction that confirms the share. A removal of abandoned uploads at
 * the same time either comes first, which is noticed here, or keeps the uploads.
 * @error upload-not-found
 */
export async function claimUploads(
  transaction: DatabaseTransaction,
  packageId: string,
  storedParts: readonly StoredPart[],
  at: Date,
): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable('upload')
    .set({ updated_at: at })
    .where('package_id', '=', packageId)
    .where(
      'upload_id',
      'in',
      storedParts.map((part) => part.object),
    )
    .executeTakeFirst()
  if (numUpdatedRows !== BigInt(storedParts.length)) throw new OutpostError('upload-not-found')
}

function partsOfPackage(storedParts: readonly StoredPart[], parts: readonly SealedPart[]): StoredPart[] {
  return parts.map((part) => {
    const storedPart = storedParts.find(
      ({ name, size, sha256 }) => name === part.name && size === part.size && sha256 === part.sha256,
    )
    if (storedPart === undefined) throw new OutpostError('relay-refused', { part: part.name })
    return storedPart
  })
}

async function hashOf({ objects }: RelayContext, object: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of objects.stream(object)) hash.update(bytes)
  return hash.digest('hex')
}
