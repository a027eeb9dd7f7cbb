/** Ends every share whose end has passed (U22). */
import type { RelayContext } from '../ports/relay-context.ts'
import { endShare } from './ending.ts'

/**
 * Ends the shares that are due. Several processes may do this at the same time. Each share is ended in a separate
 * transaction: no transaction waits for the lock of a package while it holds the lock of the feed.
 * @returns the number of shares
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
