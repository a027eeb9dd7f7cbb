/** Removes uploads that nobody went on with: a workstation that comes back later begins them again. */
import type { RelayContext } from '../ports/relay-context.ts'
import { withUploadLock } from './upload-lock.ts'
import { removeUpload } from './upload-records.ts'

/** Since the last byte that arrived. A workstation that was off for longer begins such an upload again. */
const ABANDONED_DAYS = 7

/** What a live share was confirmed with is never touched. @returns how many were removed */
export async function purgeAbandonedUploads(relay: RelayContext): Promise<number> {
  const before = new Date(relay.now().getTime() - ABANDONED_DAYS * 86_400_000)
  const abandoned = (id: string | null) =>
    relay.db
      .selectFrom('upload')
      .select('upload_id')
      .where('updated_at', '<', before)
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
    // Asked again once it is held: somebody may have gone on with it in between.
    const done = await withUploadLock(relay.lockPool, id, async () => {
      if ((await abandoned(id)).length === 0) return false
      return removeUpload(relay, id, before)
    })
    if (done === true) removed += 1
  }
  return removed
}
