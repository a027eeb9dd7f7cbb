/** Waits within a request for what became of an urgent notice, whichever process of the relay sends it. */
import type { RelayContext } from '../ports/relay-context.ts'
import { TOO_LATE } from './deliver.ts'
import { readNotice } from './notice-record.ts'
import { SETTLED_CHANNEL, settleNotice } from './settle-notice.ts'

/** Longer than a channel waits for its server. */
const LIMIT_MS = 20_000

/**
 * A notice that has no outcome within the limit is given up, so that it cannot be sent later.
 * @param queue commits the notice
 * @returns whether a channel took it
 */
export async function sentInTime(
  relay: RelayContext,
  noticeId: string,
  queue: () => Promise<void>,
  limitMs: number = LIMIT_MS,
): Promise<boolean> {
  const { promise: settledOrLate, resolve } = Promise.withResolvers<void>()
  const state = async (): Promise<string | undefined> =>
    (await relay.db.selectFrom('notice').select('state').where('notice_id', '=', noticeId).executeTakeFirst())?.state
  const unsubscribe = await relay.notifications.subscribe(SETTLED_CHANNEL, (settled) => {
    if (settled === noticeId) resolve()
    // The notification may have been lost with the connection.
    else if (settled === null)
      state().then(
        (now) => now !== 'queued' && resolve(),
        () => {},
      )
  })
  const timer = setTimeout(resolve, limitMs)
  try {
    await queue()
    await settledOrLate
    const late = await readNotice(relay, noticeId)
    if (late !== null) await settleNotice(relay, late, { state: 'undeliverable', reason: TOO_LATE })
    return (await state()) === 'sent'
  } finally {
    clearTimeout(timer)
    unsubscribe()
  }
}
