/** One-time passwords by text message (U7), and the block after five wrong ones in a row (U8). */
import { createHmac, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { PAUSE_SECONDS, TRIES, VALID_MINUTES } from '../../src-core/sharing/one-time-password.ts'
import { maskMobile } from '../../src-core/directory/contacts.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { record } from '../audit/relay-log.ts'
import { sentInTime } from '../notices/await-notice.ts'
import { queueNotice } from '../notices/queue-notice.ts'
import { appendEvent } from '../feed/feed-events.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import { announceEnding } from '../feed/grant-endings.ts'
import { actOf, eventOf, type LiveGrant } from './grants.ts'

const CODES_PER_HOUR = 6
/** Clocks of several relays differ less; a later time was written before the clock was set back, and holds nothing. */
const SKEW_MS = 60_000

/** With whom to ask. */
export const blockedFor = (grant: LiveGrant): OutpostError =>
  new OutpostError('blocked', {
    contact: grant.policy.contact,
    department: grant.department,
    organisation: grant.organisation,
  })

/** Keyed with the relay's key: a copy of the database alone cannot try the million codes. */
const codeHash = (relay: RelayContext, grantId: string, salt: Buffer, code: string): Buffer =>
  createHmac('sha256', relay.keys.relayKey)
    .update('outpost one-time password v1\0')
    .update(grantId)
    .update(salt)
    .update(code)
    .digest()

/**
 * Sends a new code; the one before stops working. Wrong tries are counted across codes.
 * @error blocked, bad-request no two-factor, too-many-requests, otp-not-sent
 */
export async function sendOneTimePassword(
  relay: RelayContext,
  grant: LiveGrant,
): Promise<{ maskedMobile: string; validMinutes: number }> {
  if (grant.blocked) throw blockedFor(grant)
  if (!grant.twoFactor) throw new OutpostError('bad-request')
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  const salt = randomBytes(16)
  const sentAt = relay.now()
  const values = {
    salt,
    code_hash: codeHash(relay, grant.grantId, salt, code),
    sent_at: sentAt,
    expires_at: new Date(sentAt.getTime() + VALID_MINUTES * 60_000),
  }
  const noticeId = randomUUID()
  // Refused in either way, the code that was sent before still works.
  const queue = (): Promise<void> =>
    relay.db.transaction().execute(async (transaction) => {
      const stored = await transaction
        .insertInto('one_time_password')
        .values({ grant_id: grant.grantId, ...values })
        .onConflict((conflict) =>
          conflict
            .column('grant_id')
            .doUpdateSet(values)
            .where((expression) =>
              expression.or([
                expression('one_time_password.sent_at', '<=', new Date(sentAt.getTime() - PAUSE_SECONDS * 1000)),
                expression('one_time_password.sent_at', '>', new Date(sentAt.getTime() + SKEW_MS)),
              ]),
            ),
        )
        .returning('grant_id')
        .executeTakeFirst()
      if (stored === undefined || !(await countCode(transaction, grant.grantId, sentAt)))
        throw new OutpostError('too-many-requests')
      const notice = {
        noticeId,
        grantId: grant.grantId,
        kind: 'one-time-password',
        secretText: code,
        at: sentAt,
      } as const
      await queueNotice(relay, transaction, grant.secret, notice)
      await record(transaction, { ...actOf(grant), at: sentAt, action: 'code-sent' })
    })
  if (!(await sentInTime(relay, noticeId, queue))) throw new OutpostError('otp-not-sent')
  return { maskedMobile: maskMobile(grant.contact.mobile), validMinutes: VALID_MINUTES }
}

/** Counts a code that is about to be sent, in one statement. @returns false when the hour's are used up */
async function countCode(db: DatabaseTransaction, grantId: string, at: Date): Promise<boolean> {
  const hourAgo = new Date(at.getTime() - 3_600_000)
  const ahead = new Date(at.getTime() + SKEW_MS)
  const lapsed = sql<boolean>`(codes_since IS NULL OR codes_since <= ${hourAgo} OR codes_since > ${ahead})`
  const counted = await db
    .updateTable('share_grant')
    .set({
      codes_sent: sql`CASE WHEN ${lapsed} THEN 1 ELSE codes_sent + 1 END`,
      codes_since: sql`CASE WHEN ${lapsed} THEN ${at}::timestamptz ELSE codes_since END`,
    })
    .where('grant_id', '=', grantId)
    .where(sql<boolean>`(${lapsed} OR codes_sent < ${CODES_PER_HOUR})`)
    .returning('codes_sent')
    .executeTakeFirst()
  return counted !== undefined
}

type Check =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'blocked' }
  | { readonly kind: 'expired' }

/**
 * Checks a code. The try is counted before the code is looked at, by one statement whose row lock lasts until the
 * answer is stored:
 * any number of guesses at once are counted one by one, and the sixth finds the grant blocked.
 * @error otp-wrong with triesLeft, otp-expired, blocked
 */
export async function checkOneTimePassword(relay: RelayContext, grant: LiveGrant, code: string): Promise<void> {
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
    const live = await transaction
      .selectFrom('one_time_password')
      .selectAll()
      .where('grant_id', '=', grant.grantId)
      .where('expires_at', '>', at)
      .where('sent_at', '<=', new Date(at.getTime() + SKEW_MS))
      .executeTakeFirst()
    if (live === undefined) {
      await restore(counted.wrong_codes - 1)
      return { kind: 'expired' }
    }
    if (timingSafeEqual(codeHash(relay, grant.grantId, live.salt, code), live.code_hash)) {
      await restore(0)
      await transaction.deleteFrom('one_time_password').where('grant_id', '=', grant.grantId).execute()
      return { kind: 'right' }
    }
    const wrong = { ...actOf(grant), at, action: 'code-wrong', detail: { tries: counted.wrong_codes } } as const
    if (counted.wrong_codes < TRIES) {
      await record(transaction, wrong)
      return { kind: 'wrong', triesLeft: TRIES - counted.wrong_codes }
    }
    await transaction.updateTable('share_grant').set({ blocked_at: at }).where('grant_id', '=', grant.grantId).execute()
    await transaction.deleteFrom('one_time_password').where('grant_id', '=', grant.grantId).execute()
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
