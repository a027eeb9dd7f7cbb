/** Compares the sealed parts that the relay has of a package with those that the workstation says it sent (S4). */
import { createHash } from 'node:crypto'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { SealedPart } from '../../src-core/contract/relay.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import type { StoredPart } from '../ports/schema.ts'
import { restartUpload } from '../uploads/upload-records.ts'

/**
 * Finds every part. One whose tree hash was compared while it arrived is not read again; others are hashed as they lie
 * on disk.
 * @returns the parts with their objects
 * @error upload-not-found, offset-mismatch a part is not complete, checksum-mismatch (that part is to be sent again),
 * relay-refused another's package
 */
export async function verifyStoredParts(
  relay: RelayContext,
  workstation: Workstation,
  packageId: string,
  parts: readonly SealedPart[],
): Promise<StoredPart[]> {
  if (new Set(parts.map((part) => part.name)).size !== parts.length) throw new OutpostError('bad-request')
  const known = await relay.db
    .selectFrom('package')
    .select(['parts', 'workstation_id', 'emptied_at'])
    .where('package_id', '=', packageId)
    .executeTakeFirst()
  if (
    known !== undefined &&
    (known.workstation_id !== workstation.workstationId ||
      (known.emptied_at === null && known.parts.length !== parts.length))
  )
    throw new OutpostError('relay-refused')
  const held =
    known === undefined || known.emptied_at !== null
      ? await uploadedParts(relay, workstation, packageId, parts)
      : knownParts(known.parts, parts)
  const compared = await comparedOnArrival(relay, held)
  for (const part of held) {
    if (compared.has(part.object) || (await hashOf(relay, part.object)) === part.sha256) continue
    await restartUpload(relay, part.object)
    throw new OutpostError('checksum-mismatch', { part: part.name })
  }
  return held
}

/** @returns the objects whose upload announced a tree hash: no such upload is complete with another one */
async function comparedOnArrival({ db }: RelayContext, held: readonly StoredPart[]): Promise<ReadonlySet<string>> {
  const uploads = await db
    .selectFrom('upload')
    .select('upload_id')
    .where(
      'upload_id',
      'in',
      held.map((part) => part.object),
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
      const upload = uploads.find((each) => each.part === part.name)
      if (upload === undefined) throw new OutpostError('upload-not-found', { part: part.name })
      if (upload.length !== part.size || upload.sha256 !== part.sha256)
        throw new OutpostError('relay-refused', { part: part.name })
      if (upload.received !== upload.length) throw new OutpostError('offset-mismatch', { part: part.name })
      if ((await objects.size(upload.upload_id)) !== upload.length) {
        // A removal was cut short by a crash, or the disk lost the object.
        await restartUpload(relay, upload.upload_id)
        throw new OutpostError('offset-mismatch', { part: part.name })
      }
      return { name: part.name, size: part.size, sha256: part.sha256, object: upload.upload_id }
    }),
  )
}

/**
 * Claims the uploads that a share is confirmed with, in its transaction: what is removed at the same time is either
 * removed before, and then noticed here, or kept.
 * @error upload-not-found
 */
export async function keepParts(
  transaction: DatabaseTransaction,
  packageId: string,
  held: readonly StoredPart[],
  at: Date,
): Promise<void> {
  const kept = await transaction
    .updateTable('upload')
    .set({ updated_at: at })
    .where('package_id', '=', packageId)
    .where(
      'upload_id',
      'in',
      held.map((part) => part.object),
    )
    .executeTakeFirst()
  if (kept.numUpdatedRows !== BigInt(held.length)) throw new OutpostError('upload-not-found')
}

function knownParts(held: readonly StoredPart[], parts: readonly SealedPart[]): StoredPart[] {
  return parts.map((part) => {
    const same = held.find((each) => each.name === part.name && each.size === part.size && each.sha256 === part.sha256)
    if (same === undefined) throw new OutpostError('relay-refused', { part: part.name })
    return same
  })
}

async function hashOf({ objects }: RelayContext, object: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of objects.stream(object)) hash.update(bytes)
  return hash.digest('hex')
}
