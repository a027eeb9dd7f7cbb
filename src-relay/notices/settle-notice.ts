/** Stores the outcome of a notice, once, together with the consequences of the outcome. */
import type { RelayContext } from '../ports/relay-context.ts'
import { notify } from '../storage/notify.ts'
import type { Settlement } from './kinds/kind.ts'
import type { NoticeRecord } from './notice-record.ts'
import { kindOf } from './registry.ts'

/** The notification channel of settled notices. The payload is the id of the notice. */
export const SETTLED_CHANNEL = 'outpost_notice'

/** Settles a queued notice and deletes its content. A notice that was settled before stays as it is. */
export async function settleNotice(
  relay: RelayContext,
  notice: NoticeRecord,
  outcome: { readonly state: 'sent' } | { readonly state: 'undeliverable'; readonly reason: string },
): Promise<void> {
  const settlement: Settlement = { ...outcome, at: relay.now() }
  await relay.db.transaction().execute(async (transaction) => {
    const settled = await transaction
      .updateTable('notice')
      .set({ state: settlement.state, sealed_body: null, settled_at: settlement.at })
      .where('notice_id', '=', notice.noticeId)
      .where('state', '=', 'queued')
      .returning('notice_id')
      .executeTakeFirst()
    if (settled === undefined) return
    await notify(transaction, SETTLED_CHANNEL, notice.noticeId)
    await kindOf(notice.kind).onSettled(transaction, notice, settlement)
  })
}
