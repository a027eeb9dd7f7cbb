/** The gate of one-time passwords by text message (U7). */
import { createHmac, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { PAUSE_SECONDS, VALID_MINUTES } from '../../../src-core/sharing/one-time-password.ts'
import { maskMobile } from '../../../src-core/directory/contacts.ts'
import type { RelayContext } from '../../ports/relay-context.ts'
import { record } from '../../audit/relay-log.ts'
import { sentInTime } from '../../notices/await-notice.ts'
import { queueNotice } from '../../notices/queue-notice.ts'
import type { DatabaseTransaction } from '../../ports/database.ts'
import { actOf, type LiveGrant } from '../grants.ts'
import type { Gate } from './gate.ts'
import { countedTry, triesLeft } from './guard-counter.ts'

const CODES_PER_HOUR = 6
/** Clocks of several relays differ less; a later time was written before the clock was set back, and holds nothing. */
const SKEW_MS = 60_000

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
 * @error too-many-requests, otp-not-sent
 */
async function sendOneTimePassword(
  relay: RelayContext,
  grant: LiveGrant,
): Promise<{ maskedMobile: string; validMinutes: number }> {
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

/** @error otp-wrong with triesLeft, otp-expired, blocked */
function checkOneTimePassword(relay: RelayContext, grant: LiveGrant, code: string): Promise<void> {
  const forget = async (transaction: DatabaseTransaction): Promise<void> =>
    void (await transaction.deleteFrom('one_time_password').where('grant_id', '=', grant.grantId).execute())
  return countedTry(relay, grant, {
    forget,
    async look(transaction, at) {
      const live = await transaction
        .selectFrom('one_time_password')
        .selectAll()
        .where('grant_id', '=', grant.grantId)
        .where('expires_at', '>', at)
        .where('sent_at', '<=', new Date(at.getTime() + SKEW_MS))
        .executeTakeFirst()
      if (live === undefined) return 'expired'
      if (!timingSafeEqual(codeHash(relay, grant.grantId, live.salt, code), live.code_hash)) return 'wrong'
      await forget(transaction)
      return 'right'
    },
  })
}

export const oneTimePasswordGate: Gate = {
  name: 'otp',
  guards: ({ twoFactor }) => twoFactor,
  hint: (grant) => ({ maskedMobile: maskMobile(grant.contact.mobile), triesLeft: triesLeft(grant) }),
  challenge: sendOneTimePassword,
  check: checkOneTimePassword,
}
