/** Removes the images of packages whose last share has ended (X1). What stays are records of who, what and when. */
import { sql } from 'kysely'
import type { RelayContext } from '../ports/relay-context.ts'

/**
 * Any number of processes may do it at once. The objects go before their rows: a removal that is cut short is
 * done again by the next one.
 * @returns how many packages
 */
export async function removeEndedPackages({ db, objects }: RelayContext): Promise<number> {
  for (let removed = 0; ; removed += 1) {
    const more = await db.transaction().execute(async (transaction) => {
      const ended = await transaction
        .selectFrom('package')
        .select(['package_id', 'parts'])
        .where('emptied_at', 'is not', null)
        .where(sql<boolean>`parts <> '[]'::jsonb`)
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst()
      if (ended === undefined) return false
      const names = ended.parts.map((part) => part.object)
      // The rows are locked first: a confirm that finds them waits, and then sees that they are gone.
      await transaction.selectFrom('upload').select('upload_id').where('upload_id', 'in', names).forUpdate().execute()
      for (const name of names) await objects.delete(name)
      await transaction.deleteFrom('upload').where('upload_id', 'in', names).execute()
      await transaction
        .updateTable('package')
        .set({ parts: JSON.stringify([]) })
        .where('package_id', '=', ended.package_id)
        .execute()
      return true
    })
    if (!more) return removed
  }
}
