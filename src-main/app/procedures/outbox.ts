/** Procedures of the group outbox: the waiting items, why they wait, and what a person may do about each. */
import { OutpostError } from '../../../src-core/contract/errors.ts'
import type { OutboxRow } from '../../../src-core/contract/shares.ts'
import type { Services } from '../services.ts'
import { signedIn } from '../rpc-context.ts'

/** Adds to a stored row the progress that the runner reports for the item under way. */
export function withProgress(row: OutboxRow, sync: Services['sync']): OutboxRow {
  const progress = sync.progress(row.shareId)
  return progress && row.state !== 'delivered' ? { ...row, ...progress } : row
}

export const outboxProcedures = {
  list: signedIn.outbox.list.handler(async ({ context: { services } }) => {
    const rows = await services.storage.shares.outbox(services.host.now().toISOString())
    return rows.map((row) => withProgress(row, services.sync))
  }),
  act: signedIn.outbox.act.handler(async ({ input: { shareId, action }, context: { services, who } }) => {
    const { storage, sync, events, host } = services
    await storage.ledger.act(shareId, action, who.actor, host.now().toISOString())
    sync.kick()
    for (const type of ['outbox', 'shares', 'library'] as const) events.emit({ type })
    const row = await storage.shares.outboxRow(shareId)
    if (!row) throw new OutpostError('share-not-found', { shareId })
    return withProgress(row, sync)
  }),
}
