/** Unblocks a recipient after five wrong one-time passwords (U8). Staff of the sending department may do this. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { appendEvent } from '../feed/feed-events.ts'
import type { ActingWorkstation } from '../directory/known-people.ts'

/**
 * @error share-not-found the department has no such share, or the share has no such recipient; sender-unknown,
 * not-allowed
 */
export async function unblockGrant(
  { db, now }: RelayContext,
  workstation: ActingWorkstation,
  { shareId, recipientId, by }: { shareId: string; recipientId: string; by: string },
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
    const { staffId } = await workstation.actingStaff(transaction, by)
    await transaction
      .updateTable('share_grant')
      .set({ wrong_codes: 0, blocked_at: null, unblocked_by: staffId })
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
      by: { kind: 'staff', id: staffId },
    })
  })
  return { ok: true }
}
