/** Withdraws a share of the caller's department. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../app/config.ts'
import type { Workstation } from '../app/workstation-identity.ts'
import { endShare } from './ending.ts'

/** Again is as good as once: the first time is answered. @error share-not-found also for another department's */
export async function withdrawShare(
  { db, now }: RelayContext,
  workstation: Workstation,
  { shareId }: { shareId: string },
): Promise<{ withdrawnAt: string }> {
  return db.transaction().execute(async (transaction) => {
    const mine = transaction
      .selectFrom('share')
      .select('ended_at')
      .where('share_id', '=', shareId)
      .where('department_id', '=', workstation.departmentId)
    if ((await mine.executeTakeFirst()) === undefined) throw new OutpostError('share-not-found')
    await endShare(transaction, shareId, 'withdrawn', now())
    const { ended_at: endedAt } = await mine.executeTakeFirstOrThrow()
    return { withdrawnAt: (endedAt ?? now()).toISOString() }
  })
}
