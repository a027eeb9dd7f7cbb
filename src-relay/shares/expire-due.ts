/** Ends every share whose time has come (U22). */
import type { RelayContext } from '../app/config.ts'
import { endShare } from './ending.ts'

/** Any number of processes may do it at once. @returns how many ended */
export async function expireDueShares({ db, now }: RelayContext): Promise<number> {
  let ended = 0
  for (;;) {
    const more = await db.transaction().execute(async (transaction) => {
      const due = await transaction
        .selectFrom('share')
        .select('share_id')
        .where('ended_at', 'is', null)
        .where('expires_at', '<=', now())
        .orderBy('expires_at')
        .limit(50)
        .forUpdate()
        .skipLocked()
        .execute()
      for (const { share_id: shareId } of due) if (await endShare(transaction, shareId, 'expired', now())) ended += 1
      return due.length === 50
    })
    if (!more) return ended
  }
}
