/** The records of uploads in the database. `received` counts the bytes that are on disk for good, and never more. */
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
  /** The tree hash that was announced, in hex; null when none was. */
  readonly treeSha256: string | null
  /** Heads of the complete subtrees of what is stored as parts, 32 bytes each. */
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
 * Makes the upload, or finds it again.
 * @error offset-mismatch when it is known with another length or hash
 * @error relay-full when it is new, and there is no room for it
 */
export async function createUpload(
  relay: RelayContext,
  wanted: NewUpload,
): Promise<{ upload: Upload; fresh: boolean }> {
  const { db, now } = relay
  const known = await knownUpload(db, wanted)
  if (known !== null) return { upload: known, fresh: false }
  await requireQuota(relay, wanted)
  const made = await db
    .insertInto('upload')
    .values({
      upload_id: randomUUID(),
      workstation_id: wanted.workstationId,
      package_id: wanted.packageId,
      part: wanted.part,
      length: wanted.length,
      sha256: wanted.sha256,
      tree_sha256: wanted.treeSha256,
      created_at: now(),
      updated_at: now(),
    })
    .onConflict((conflict) => conflict.columns(['workstation_id', 'package_id', 'part']).doNothing())
    .returning(columns)
    .executeTakeFirst()
  if (made !== undefined) return { upload: made, fresh: true }
  const raced = await knownUpload(db, wanted)
  if (raced === null) throw new OutpostError('offset-mismatch')
  return { upload: raced, fresh: false }
}

/** @error offset-mismatch when it is known with another length or hash */
async function knownUpload(db: Database, wanted: NewUpload): Promise<Upload | null> {
  const known = await db
    .selectFrom('upload')
    .select(columns)
    .where('workstation_id', '=', wanted.workstationId)
    .where('package_id', '=', wanted.packageId)
    .where('part', '=', wanted.part)
    .executeTakeFirst()
  if (known === undefined) return null
  const sameTree = known.treeSha256 === null || wanted.treeSha256 === null || known.treeSha256 === wanted.treeSha256
  if (known.length !== wanted.length || known.sha256 !== wanted.sha256 || !sameTree)
    throw new OutpostError('offset-mismatch')
  return known
}

/** @error upload-not-found also when it is another workstation's */
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

/** Called once the bytes are on disk. @param subtrees of the parts that are stored */
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

/** What was received is not what was sent, or was lost: the workstation sends it again from the start. */
export async function restartUpload({ db }: RelayContext, uploadId: string): Promise<void> {
  await db
    .updateTable('upload')
    .set({ received: 0, subtrees: Buffer.alloc(0) })
    .where('upload_id', '=', uploadId)
    .execute()
}

/**
 * Removes the upload and its bytes.
 * @param unusedSince absent: whenever it was used last. A confirm at the same time counts as a use.
 * @returns false when it was used since, and stays
 */
export async function removeUpload(
  { db, objects }: RelayContext,
  uploadId: string,
  unusedSince?: Date,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('upload')
    .where('upload_id', '=', uploadId)
    .where((expression) =>
      unusedSince === undefined ? expression.lit(true) : expression('updated_at', '<', unusedSince),
    )
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) return false
  for (const name of [uploadId, ...waitingObjects(uploadId)]) await objects.delete(name)
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
