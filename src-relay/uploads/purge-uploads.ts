/** Removes abandoned uploads. A workstation that continues one later has to begin it again. */
import type { RelayContext } from '../ports/relay-context.ts'
import { withUploadLock } from './upload-lock.ts'
import { removeUpload } from './upload-records.ts'

/** An upload is abandoned when its last byte arrived so many days ago. */
const ABANDONED_DAYS = 7

/** Removes abandoned uploads, except those of live shares. @returns the number of removed uploads */
export async function purgeAbandonedUploads(relay: RelayContext): Promise<number> {
  const cutoff = new Date(relay.now().getTime() - ABANDONED_DAYS * 86_400_000)
  const abandoned = (id: string | null) =>
    relay.db
      .selectFrom('upload')
      .select('upload_id')
      .where('updated_at', '<', cutoff)
      .where((expression) =>
        expression.not(
          expression.exists(
            expression
              .selectFrom('package')
              .select('package.package_id')
              .whereRef('package.package_id', '=', 'upload.package_id')
              .whereRef('package.workstation_id', '=', 'upload.workstation_id')
              .where('package.emptied_at', 'is', null),
          ),
        ),
      )
      .$if(id !== null, (query) => query.where('upload_id', '=', id ?? ''))
      .limit(1000)
      .execute()
  let removed = 0
  for (const { upload_id: id } of await abandoned(null)) {
    // The query is repeated under the lock, because the workstation may have continued the upload in between.
    const wasRemoved = await withUploadLock(relay.lockPool, id, async () => {
      if ((await abandoned(id)).length === 0) return false
      return removeUpload(relay, id, cutoff)
    })
    if (wasRemoved === true) removed += 1
  }
  return removed
}
