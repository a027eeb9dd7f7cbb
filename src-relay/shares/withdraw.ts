/** Withdraws a share of the caller's department. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { endShare } from './ending.ts'
import type { ActingWorkstation } from '../directory/known-people.ts'

/**
 * Again is as good as once: the first time is answered.
 * @error share-not-found also for another department's; sender-unknown
 */
export async function withdrawShare(
  { db, now }: RelayContext,
  workstation: ActingWorkstation,
  { shareId, by }: { shareId: string; by: string },
): Promise<{ withdrawnAt: string }> {
  return db.transaction().execute(async (transaction) => {
    const mine = transaction
      .selectFrom('share')
      .select('ended_at')
      .where('share_id', '=', shareId)
      .where('department_id', '=', workstation.departmentId)
    if ((await mine.executeTakeFirst()) === undefined) throw new OutpostError('share-not-found')
    const { staffId } = await workstation.actingStaff(transaction, by)
    await endShare(transaction, shareId, 'withdrawn', now(), { kind: 'staff', id: staffId })
    await transaction
      .updateTable('share')
      .set({ withdrawn_by: staffId })
      .where('share_id', '=', shareId)
      .where('ended_by', '=', 'withdrawn')
      .where('withdrawn_by', 'is', null)
      .execute()
    const { ended_at: endedAt } = await mine.executeTakeFirstOrThrow()
    return { withdrawnAt: (endedAt ?? now()).toISOString() }
  })
}
