/** Checks the room for uploads: the quota of a workstation, and the free space of the disk. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext, UploadQuota } from '../ports/relay-context.ts'

export const DEFAULT_QUOTA: UploadQuota = { count: 400, bytes: 4 * 1024 ** 4 }

/** Bytes that stay free on the disk of the objects, because the database may need them on the same disk. */
const RESERVED_BYTES = 1024 ** 3

/**
 * Requires that a workstation may begin one more upload. Two requests at the same time may both pass: the quota keeps a
 * workstation from filling the relay, and does not have to be exact.
 * @error relay-full
 */
export async function requireQuota(
  relay: RelayContext,
  newUpload: { readonly workstationId: string; readonly length: number },
): Promise<void> {
  const { count, bytes } = relay.config.uploadQuota ?? DEFAULT_QUOTA
  const unconfirmed = await relay.db
    .selectFrom('upload')
    .select((expression) => [
      expression.fn.countAll<number>().as('count'),
      expression.fn.coalesce(expression.fn.sum<number>('length'), expression.lit(0)).as('bytes'),
    ])
    .where('workstation_id', '=', newUpload.workstationId)
    .where((expression) =>
      expression.not(
        expression.exists(
          expression
            .selectFrom('package')
            .select('package.package_id')
            .whereRef('package.package_id', '=', 'upload.package_id')
            .whereRef('package.workstation_id', '=', 'upload.workstation_id'),
        ),
      ),
    )
    .executeTakeFirstOrThrow()
  if (Number(unconfirmed.count) >= count || Number(unconfirmed.bytes) + newUpload.length > bytes)
    throw new OutpostError('relay-full')
  await requireRoom(relay, newUpload.length)
}

/** @param length the bytes that are about to be stored @error relay-full */
export async function requireRoom({ objects }: RelayContext, length: number): Promise<void> {
  if ((await objects.freeBytes()) - RESERVED_BYTES < length) throw new OutpostError('relay-full')
}
