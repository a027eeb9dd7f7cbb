/** Removes the images of packages whose last share has ended (X1). The records of their shares stay. */
import { sql } from 'kysely'
import type { RelayContext } from '../ports/relay-context.ts'

/**
 * Removes the objects of ended packages. Several processes may do this at the same time. Objects are deleted before
 * their rows, so that the next run completes a removal that was interrupted.
 * @returns the number of packages
 */
export async function removeEndedPackages({ db, objects }: RelayContext): Promise<number> {
  for (let removed = 0; ; removed += 1) {
    const more = await db.transaction().execute(async (transaction) => {
      const endedPackage = await transaction
        .selectFrom('package')
        .select(['package_id', 'parts'])
        .where('emptied_at', 'is not', null)
        .where(sql<boolean>`parts <> '[]'::jsonb`)
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst()
      if (endedPackage === undefined) return false
      const names = endedPackage.parts.map((part) => part.object)
      // The rows are locked first: a confirm that needs them waits, and then finds that they were deleted.
      await transaction.selectFrom('upload').select('upload_id').where('upload_id', 'in', names).forUpdate().execute()
      for (const name of names) await objects.delete(name)
      await transaction.deleteFrom('upload').where('upload_id', 'in', names).execute()
      await transaction
        .updateTable('package')
        .set({ parts: JSON.stringify([]) })
        .where('package_id', '=', endedPackage.package_id)
        .execute()
      return true
    })
    if (!more) return removed
  }
}
