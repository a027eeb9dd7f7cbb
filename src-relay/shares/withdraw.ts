/** Withdraws a share of the caller's department. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { endShare } from './ending.ts'
import type { ActingWorkstation } from '../directory/known-people.ts'

/**
 * Withdraws a share. A repeated request changes nothing, and gets the time of the first one.
 * @error share-not-found the department has no such share; sender-unknown, not-allowed
 */
export async function withdrawShare(
  { db, now }: RelayContext,
  workstation: ActingWorkstation,
  { shareId, by }: { shareId: string; by: string },
): Promise<{ withdrawnAt: string }> {
  return db.transaction().execute(async (transaction) => {
    const shareOfDepartment = transaction
      .selectFrom('share')
      .select('ended_at')
      .where('share_id', '=', shareId)
      .where('department_id', '=', workstation.departmentId)
    if ((await shareOfDepartment.executeTakeFirst()) === undefined) throw new OutpostError('share-not-found')
    const { staffId } = await workstation.actingStaff(transaction, by)
    await endShare(transaction, shareId, 'withdrawn', now(), { kind: 'staff', id: staffId })
    await transaction
      .updateTable('share')
      .set({ withdrawn_by: staffId })
      .where('share_id', '=', shareId)
      .where('ended_by', '=', 'withdrawn')
      .where('withdrawn_by', 'is', null)
      .execute()
    const { ended_at: endedAt } = await shareOfDepartment.executeTakeFirstOrThrow()
    return { withdrawnAt: (endedAt ?? now()).toISOString() }
  })
}
