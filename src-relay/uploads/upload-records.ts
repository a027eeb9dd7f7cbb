/** Uploads as the database knows them. `received` is what is on disk for good, and never more. */
import { randomUUID } from 'node:crypto'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { Database } from '../ports/database.ts'
import { requireQuota } from './upload-room.ts'

export interface Upload {
  readonly uploadId: string
  readonly length: number
  readonly received: number
  readonly sha256: string
}

export interface NewUpload {
  readonly workstationId: string
  readonly packageId: string
  readonly part: string
  readonly length: number
  readonly sha256: string
}

const columns = ['upload_id as uploadId', 'length', 'received', 'sha256'] as const

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
  if (known.length !== wanted.length || known.sha256 !== wanted.sha256) throw new OutpostError('offset-mismatch')
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

/** Called once the bytes are on disk. */
export async function recordReceived({ db, now }: RelayContext, uploadId: string, received: number): Promise<void> {
  await db.updateTable('upload').set({ received, updated_at: now() }).where('upload_id', '=', uploadId).execute()
}

/**
 * Forgets the upload and its bytes.
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
  await objects.remove(uploadId)
  return true
}
