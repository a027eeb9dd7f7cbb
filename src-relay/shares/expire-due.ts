/** Ends every share whose time has come (U22). */
import type { RelayContext } from '../ports/relay-context.ts'
import { endShare } from './ending.ts'

/**
 * Any number of processes may do it at once. Each share has a transaction of its own, so that no ending waits for a
 * package while it holds the lock of the feed.
 * @returns how many ended
 */
export async function expireDueShares({ db, now }: RelayContext): Promise<number> {
  for (let ended = 0; ; ended += 1) {
    const more = await db.transaction().execute(async (transaction) => {
      const due = await transaction
        .selectFrom('share')
        .select('share_id')
        .where('ended_at', 'is', null)
        .where('expires_at', '<=', now())
        .orderBy('expires_at')
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst()
      return due !== undefined && (await endShare(transaction, due.share_id, 'expired', now()))
    })
    if (!more) return ended
  }
}
