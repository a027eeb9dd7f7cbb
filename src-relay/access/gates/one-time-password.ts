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
import { recipientEntry, type LiveGrant } from '../grants.ts'
import type { Gate } from './gate.ts'
import { checkCounted, triesLeft } from './guard-counter.ts'

const CODES_PER_HOUR = 6
/**
 * The clocks of several relays differ by less than this. A stored time that lies further in the future was written
 * before the clock was set back, and is ignored.
 */
const MAX_CLOCK_SKEW_MS = 60_000

/** The hash is keyed with the relay's key: a copy of the database alone is not enough to try the million codes. */
const codeHash = (relay: RelayContext, grantId: string, salt: Buffer, code: string): Buffer =>
  createHmac('sha256', relay.keys.relayKey)
    .update('outpost one-time password v1\0')
    .update(grantId)
    .update(salt)
    .update(code)
    .digest()

/**
 * Sends a new code, after which the previous one no longer works. A new code does not reset the count of wrong tries.
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
  // When the request is refused the transaction changes nothing: the previous code still works.
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
                expression('one_time_password.sent_at', '>', new Date(sentAt.getTime() + MAX_CLOCK_SKEW_MS)),
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
      await record(transaction, { ...recipientEntry(grant), at: sentAt, action: 'code-sent' })
    })
  if (!(await sentInTime(relay, noticeId, queue))) throw new OutpostError('otp-not-sent')
  return { maskedMobile: maskMobile(grant.contact.mobile), validMinutes: VALID_MINUTES }
}

/** Counts a code that is about to be sent, in one statement. @returns false when CODES_PER_HOUR were sent */
async function countCode(db: DatabaseTransaction, grantId: string, at: Date): Promise<boolean> {
  const hourAgo = new Date(at.getTime() - 3_600_000)
  const latestTime = new Date(at.getTime() + MAX_CLOCK_SKEW_MS)
  const hourIsOver = sql<boolean>`(codes_since IS NULL OR codes_since <= ${hourAgo} OR codes_since > ${latestTime})`
  const counted = await db
    .updateTable('share_grant')
    .set({
      codes_sent: sql`CASE WHEN ${hourIsOver} THEN 1 ELSE codes_sent + 1 END`,
      codes_since: sql`CASE WHEN ${hourIsOver} THEN ${at}::timestamptz ELSE codes_since END`,
    })
    .where('grant_id', '=', grantId)
    .where(sql<boolean>`(${hourIsOver} OR codes_sent < ${CODES_PER_HOUR})`)
    .returning('codes_sent')
    .executeTakeFirst()
  return counted !== undefined
}

/** @error otp-wrong with triesLeft, otp-expired, blocked */
function checkOneTimePassword(relay: RelayContext, grant: LiveGrant, code: string): Promise<void> {
  const discard = async (transaction: DatabaseTransaction): Promise<void> =>
    void (await transaction.deleteFrom('one_time_password').where('grant_id', '=', grant.grantId).execute())
  return checkCounted(relay, grant, {
    discard,
    async compare(transaction, at) {
      const stored = await transaction
        .selectFrom('one_time_password')
        .selectAll()
        .where('grant_id', '=', grant.grantId)
        .where('expires_at', '>', at)
        .where('sent_at', '<=', new Date(at.getTime() + MAX_CLOCK_SKEW_MS))
        .executeTakeFirst()
      if (stored === undefined) return 'expired'
      if (!timingSafeEqual(codeHash(relay, grant.grantId, stored.salt, code), stored.code_hash)) return 'wrong'
      await discard(transaction)
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
