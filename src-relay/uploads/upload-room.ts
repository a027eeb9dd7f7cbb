/** Room for uploads: what one workstation may begin, and what the disk still holds. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext, UploadQuota } from '../ports/relay-context.ts'

export const DEFAULT_QUOTA: UploadQuota = { count: 400, bytes: 4 * 1024 ** 4 }

/** Bytes that stay free on the objects' disk: the database, which may lie on the same one, needs them. */
const RESERVE = 1024 ** 3

/**
 * Whether a workstation may begin one more upload. Two that begin at the same moment may both be let in: the quota is
 * against filling the relay, and need not be exact.
 * @error relay-full
 */
export async function requireQuota(
  relay: RelayContext,
  wanted: { readonly workstationId: string; readonly length: number },
): Promise<void> {
  const { count, bytes } = relay.config.uploadQuota ?? DEFAULT_QUOTA
  const begun = await relay.db
    .selectFrom('upload')
    .select((expression) => [
      expression.fn.countAll<number>().as('count'),
      expression.fn.coalesce(expression.fn.sum<number>('length'), expression.lit(0)).as('bytes'),
    ])
    .where('workstation_id', '=', wanted.workstationId)
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
  if (Number(begun.count) >= count || Number(begun.bytes) + wanted.length > bytes) throw new OutpostError('relay-full')
  await requireRoom(relay, wanted.length)
}

/** @param length bytes that are about to be kept @error relay-full */
export async function requireRoom({ objects }: RelayContext, length: number): Promise<void> {
  if ((await objects.freeBytes()) - RESERVE < length) throw new OutpostError('relay-full')
}
