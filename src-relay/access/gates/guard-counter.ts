/** Counts what is tried at a gate whose answer could be guessed, and blocks the recipient after too many (U8). */
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { TRIES } from '../../../src-core/sharing/one-time-password.ts'
import { record } from '../../audit/relay-log.ts'
import { appendEvent } from '../../feed/feed-events.ts'
import { announceEnding } from '../../feed/grant-endings.ts'
import type { DatabaseTransaction } from '../../ports/database.ts'
import type { RelayContext } from '../../ports/relay-context.ts'
import { actOf, blockedFor, eventOf, type LiveGrant } from '../grants.ts'

export const triesLeft = (grant: LiveGrant): number => Math.max(0, TRIES - grant.wrongCodes)

export interface GuardedAnswer {
  /** A right answer is used up. expired: there is nothing to compare the answer with, so the try does not count. */
  look(transaction: DatabaseTransaction, at: Date): Promise<'right' | 'wrong' | 'expired'>
  /** Drops what the answer is compared with. */
  forget(transaction: DatabaseTransaction): Promise<void>
}

type Check =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'blocked' }
  | { readonly kind: 'expired' }

/**
 * The try is counted before the answer is looked at, by one statement whose row lock lasts until the outcome is
 * stored: any number of guesses at once are counted one by one, and the sixth finds the grant blocked.
 * @error otp-wrong with triesLeft, otp-expired, blocked
 */
export async function countedTry(relay: RelayContext, grant: LiveGrant, answer: GuardedAnswer): Promise<void> {
  const at = relay.now()
  const check = await relay.db.transaction().execute(async (transaction): Promise<Check> => {
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
    const found = await answer.look(transaction, at)
    if (found === 'expired') {
      await restore(counted.wrong_codes - 1)
      return { kind: 'expired' }
    }
    if (found === 'right') {
      await restore(0)
      return { kind: 'right' }
    }
    const wrong = { ...actOf(grant), at, action: 'code-wrong', detail: { tries: counted.wrong_codes } } as const
    if (counted.wrong_codes < TRIES) {
      await record(transaction, wrong)
      return { kind: 'wrong', triesLeft: TRIES - counted.wrong_codes }
    }
    await transaction.updateTable('share_grant').set({ blocked_at: at }).where('grant_id', '=', grant.grantId).execute()
    await answer.forget(transaction)
    await transaction.deleteFrom('portal_session').where('grant_id', '=', grant.grantId).execute()
    await announceEnding(transaction, grant.shareId)
    await record(transaction, wrong)
    await appendEvent(transaction, { ...eventOf(grant), type: 'blocked', at })
    return { kind: 'blocked' }
  })
  if (check.kind === 'blocked') throw blockedFor(grant)
  if (check.kind === 'expired') throw new OutpostError('otp-expired')
  if (check.kind === 'wrong') throw new OutpostError('otp-wrong', { triesLeft: check.triesLeft })
}
