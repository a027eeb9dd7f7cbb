/**
 * Counts the tries at a gate whose answer could be guessed, and blocks the recipient after too many wrong ones (U8).
 */
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { TRIES } from '../../../src-core/sharing/one-time-password.ts'
import { record } from '../../audit/relay-log.ts'
import { appendEvent } from '../../feed/feed-events.ts'
import { announceEnding } from '../../feed/grant-endings.ts'
import type { DatabaseTransaction } from '../../ports/database.ts'
import type { RelayContext } from '../../ports/relay-context.ts'
import { blockedError, recipientEntry, recipientEvent, type LiveGrant } from '../grants.ts'

export const triesLeft = (grant: LiveGrant): number => Math.max(0, TRIES - grant.wrongCodes)

export interface GuardedAnswer {
  /**
   * Compares the answer with the expected one. A right answer cannot be used again.
   * @returns expired when there is nothing to compare with; such a try does not count
   */
  compare(transaction: DatabaseTransaction, at: Date): Promise<'right' | 'wrong' | 'expired'>
  /** Deletes the expected answer. */
  discard(transaction: DatabaseTransaction): Promise<void>
}

type CheckResult =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'blocked' }
  | { readonly kind: 'expired' }

/**
 * Counts a try and checks the answer. One statement counts the try before the answer is compared, and its row lock
 * lasts until the result is stored. Tries that arrive at the same time are therefore counted one after the other, and
 * none of them is compared after the grant was blocked.
 * @error otp-wrong with triesLeft, otp-expired, blocked
 */
export async function checkCounted(relay: RelayContext, grant: LiveGrant, answer: GuardedAnswer): Promise<void> {
  const at = relay.now()
  const check = await relay.db.transaction().execute(async (transaction): Promise<CheckResult> => {
    const counted = await transaction
      .updateTable('share_grant')
      .set((expression) => ({ wrong_codes: expression('wrong_codes', '+', 1) }))
      .where('grant_id', '=', grant.grantId)
      .where('blocked_at', 'is', null)
      .where('wrong_codes', '<', TRIES)
      .returning('wrong_codes')
      .executeTakeFirst()
    if (counted === undefined) return { kind: 'blocked' }
    const restore = (count: number): Promise<unknown> =>
      transaction.updateTable('share_grant').set({ wrong_codes: count }).where('grant_id', '=', grant.grantId).execute()
    const result = await answer.compare(transaction, at)
    if (result === 'expired') {
      await restore(counted.wrong_codes - 1)
      return { kind: 'expired' }
    }
    if (result === 'right') {
      await restore(0)
      return { kind: 'right' }
    }
    const wrongCodeEntry = {
      ...recipientEntry(grant),
      at,
      action: 'code-wrong',
      detail: { tries: counted.wrong_codes },
    } as const
    if (counted.wrong_codes < TRIES) {
      await record(transaction, wrongCodeEntry)
      return { kind: 'wrong', triesLeft: TRIES - counted.wrong_codes }
    }
    await transaction.updateTable('share_grant').set({ blocked_at: at }).where('grant_id', '=', grant.grantId).execute()
    await answer.discard(transaction)
    await transaction.deleteFrom('portal_session').where('grant_id', '=', grant.grantId).execute()
    await announceEnding(transaction, grant.shareId)
    await record(transaction, wrongCodeEntry)
    await appendEvent(transaction, { ...recipientEvent(grant), type: 'blocked', at })
    return { kind: 'blocked' }
  })
  if (check.kind === 'blocked') throw blockedError(grant)
  if (check.kind === 'expired') throw new OutpostError('otp-expired')
  if (check.kind === 'wrong') throw new OutpostError('otp-wrong', { triesLeft: check.triesLeft })
}
