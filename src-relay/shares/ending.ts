/** Ends a share: deletes its server secret, without which nothing of the share can be opened or read again. */
import { sql } from 'kysely'
import type { RelayActor } from '../../src-core/audit/relay-entry.ts'
import { announceEnding } from '../feed/grant-endings.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import { appendEvent } from '../feed/feed-events.ts'

/** @returns false when the share had ended before */
export async function endShare(
  transaction: DatabaseTransaction,
  shareId: string,
  how: 'withdrawn' | 'expired',
  at: Date,
  by?: RelayActor,
): Promise<boolean> {
  const share = await transaction
    .updateTable('share')
    .set({ ended_at: at, ended_by: how, sealed_details: sql`''::bytea` })
    .where('share_id', '=', shareId)
    .where('ended_at', 'is', null)
    .returning(['department_id', 'workstation_id', 'package_id'])
    .executeTakeFirst()
  if (share === undefined) return false
  await transaction.deleteFrom('server_secret').where('share_id', '=', shareId).execute()
  const grants = transaction.selectFrom('share_grant').select('grant_id').where('share_id', '=', shareId)
  await transaction.deleteFrom('portal_session').where('grant_id', 'in', grants).execute()
  await transaction.deleteFrom('one_time_password').where('grant_id', 'in', grants).execute()
  await transaction
    .updateTable('notice')
    .set({ state: 'cancelled', sealed_body: null, settled_at: at })
    .where('grant_id', 'in', grants)
    .where('state', '=', 'queued')
    .execute()
  // The sealed contacts cannot be opened any more.
  await transaction
    .updateTable('share_grant')
    .set({ sealed_contact: sql`''::bytea` })
    .where('share_id', '=', shareId)
    .execute()
  await emptyPackage(transaction, share.package_id, at)
  await announceEnding(transaction, shareId)
  await appendEvent(transaction, {
    type: how,
    at,
    departmentId: share.department_id,
    workstationId: share.workstation_id,
    shareId,
    ...(by !== undefined && { by }),
  })
  return true
}

/** Deletes the owner slot of a package without live shares. The next hourly job removes its objects. */
async function emptyPackage(transaction: DatabaseTransaction, packageId: string, at: Date): Promise<void> {
  // The row lock waits until a confirm of another share of this package has ended, so that its share is found below.
  await transaction
    .selectFrom('package')
    .select('package_id')
    .where('package_id', '=', packageId)
    .forUpdate()
    .executeTakeFirst()
  const live = await transaction
    .selectFrom('share')
    .select('share_id')
    .where('package_id', '=', packageId)
    .where('ended_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  if (live !== undefined) return
  await transaction.deleteFrom('owner_slot').where('package_id', '=', packageId).execute()
  await transaction.updateTable('package').set({ emptied_at: at }).where('package_id', '=', packageId).execute()
}
