/**
 * Unblocks a recipient after five wrong one-time passwords (U8). Who may, is decided and recorded at the workstation of
 * the sending department.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../app/config.ts'
import type { Workstation } from '../app/workstation-identity.ts'
import { appendEvent } from './feed-events.ts'

/** @error share-not-found also for another department's, and for a recipient it is not with */
export async function unblockGrant(
  { db, now }: RelayContext,
  workstation: Workstation,
  { shareId, recipientId }: { shareId: string; recipientId: string },
): Promise<{ ok: true }> {
  await db.transaction().execute(async (transaction) => {
    const grant = await transaction
      .selectFrom('share_grant')
      .innerJoin('share', 'share.share_id', 'share_grant.share_id')
      .select(['grant_id', 'blocked_at', 'share.workstation_id'])
      .where('share.share_id', '=', shareId)
      .where('recipient_id', '=', recipientId)
      .where('department_id', '=', workstation.departmentId)
      .forUpdate('share_grant')
      .executeTakeFirst()
    if (grant === undefined) throw new OutpostError('share-not-found')
    await transaction
      .updateTable('share_grant')
      .set({ wrong_codes: 0, blocked_at: null })
      .where('grant_id', '=', grant.grant_id)
      .execute()
    if (grant.blocked_at === null) return
    await appendEvent(transaction, {
      type: 'unblocked',
      at: now(),
      departmentId: workstation.departmentId,
      workstationId: grant.workstation_id,
      shareId,
      recipientId,
    })
  })
  return { ok: true }
}
