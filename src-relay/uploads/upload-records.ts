/** The records of uploads in the database. `received` never counts bytes that are not yet on disk. */
import { randomUUID } from 'node:crypto'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { Database } from '../ports/database.ts'
import { waitingObjects } from './upload-parts.ts'
import { requireQuota } from './upload-room.ts'

export interface Upload {
  readonly uploadId: string
  readonly length: number
  readonly received: number
  readonly sha256: string
  /** The announced tree hash in hex; null when the workstation announced none. */
  readonly treeSha256: string | null
  /** The tree hash of the stored parts: the heads of its complete subtrees, 32 bytes each. */
  readonly subtrees: Uint8Array
}

export interface NewUpload {
  readonly workstationId: string
  readonly packageId: string
  readonly part: string
  readonly length: number
  readonly sha256: string
  readonly treeSha256: string | null
}

const columns = [
  'upload_id as uploadId',
  'length',
  'received',
  'sha256',
  'tree_sha256 as treeSha256',
  'subtrees',
] as const

/**
 * Creates an upload, or finds the one that was created before for the same part.
 * @error offset-mismatch the existing upload has another length or hash
 * @error relay-full there is no room for a new upload
 */
export async function createUpload(
  relay: RelayContext,
  newUpload: NewUpload,
): Promise<{ upload: Upload; isNew: boolean }> {
  const { db, now } = relay
  const existing = await existingUpload(db, newUpload)
  if (existing !== null) return { upload: existing, isNew: false }
  await requireQuota(relay, newUpload)
  const created = await db
    .insertInto('upload')
    .values({
      upload_id: randomUUID(),
      workstation_id: newUpload.workstationId,
      package_id: newUpload.packageId,
      part: newUpload.part,
      length: newUpload.length,
      sha256: newUpload.sha256,
      tree_sha256: newUpload.treeSha256,
      created_at: now(),
      updated_at: now(),
    })
    .onConflict((conflict) => conflict.columns(['workstation_id', 'package_id', 'part']).doNothing())
    .returning(columns)
    .executeTakeFirst()
  if (created !== undefined) return { upload: created, isNew: true }
  const concurrent = await existingUpload(db, newUpload)
  if (concurrent === null) throw new OutpostError('offset-mismatch')
  return { upload: concurrent, isNew: false }
}

/** @error offset-mismatch the existing upload has another length or hash */
async function existingUpload(db: Database, newUpload: NewUpload): Promise<Upload | null> {
  const existing = await db
    .selectFrom('upload')
    .select(columns)
    .where('workstation_id', '=', newUpload.workstationId)
    .where('package_id', '=', newUpload.packageId)
    .where('part', '=', newUpload.part)
    .executeTakeFirst()
  if (existing === undefined) return null
  const isSameTree =
    existing.treeSha256 === null || newUpload.treeSha256 === null || existing.treeSha256 === newUpload.treeSha256
  if (existing.length !== newUpload.length || existing.sha256 !== newUpload.sha256 || !isSameTree)
    throw new OutpostError('offset-mismatch')
  return existing
}

/** @error upload-not-found the workstation has no such upload */
export async function findUpload({ db }: RelayContext, workstationId: string, uploadId: string): Promise<Upload> {
  const upload = await db
    .selectFrom('upload')
    .select(columns)
    .where('upload_id', '=', uploadId)
    .where('workstation_id', '=', workstationId)
    .executeTakeFirst()
  if (upload === undefined) throw new OutpostError('upload-not-found')
  return upload
}

/**
 * Records received bytes. They must be on disk before.
 * @param subtrees the heads of the tree hash of the stored parts
 */
export async function recordReceived(
  { db, now }: RelayContext,
  uploadId: string,
  received: number,
  subtrees: Buffer,
): Promise<void> {
  await db
    .updateTable('upload')
    .set({ received, subtrees, updated_at: now() })
    .where('upload_id', '=', uploadId)
    .execute()
}

/** Sets an upload back to offset 0, because its bytes are damaged or lost. The workstation sends it again. */
export async function restartUpload(relay: RelayContext, uploadId: string): Promise<void> {
  // The bytes are deleted first: a relay that ends in between has an upload without bytes, which confirm notices.
  await deleteBytes(relay, uploadId)
  await relay.db
    .updateTable('upload')
    .set({ received: 0, subtrees: Buffer.alloc(0) })
    .where('upload_id', '=', uploadId)
    .execute()
}

async function deleteBytes({ objects }: RelayContext, uploadId: string): Promise<void> {
  for (const name of [uploadId, ...waitingObjects(uploadId)]) await objects.delete(name)
}

/**
 * Removes the upload and its bytes.
 * @param unusedSince the upload is removed only if it was not used since; when absent it is always removed. A confirm
 * counts as a use
 * @returns false when the upload was used since, or is absent
 */
export async function removeUpload(relay: RelayContext, uploadId: string, unusedSince?: Date): Promise<boolean> {
  const { numDeletedRows } = await relay.db
    .deleteFrom('upload')
    .where('upload_id', '=', uploadId)
    .where((expression) =>
      unusedSince === undefined ? expression.lit(true) : expression('updated_at', '<', unusedSince),
    )
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) return false
  await deleteBytes(relay, uploadId)
  return true
}

/** Whether a live share was confirmed with this upload. */
export async function isShared({ db }: RelayContext, uploadId: string): Promise<boolean> {
  const shared = await db
    .selectFrom('upload')
    .innerJoin('package', (join) =>
      join
        .onRef('package.package_id', '=', 'upload.package_id')
        .onRef('package.workstation_id', '=', 'upload.workstation_id'),
    )
    .select('upload_id')
    .where('upload_id', '=', uploadId)
    .where('package.emptied_at', 'is', null)
    .executeTakeFirst()
  return shared !== undefined
}
