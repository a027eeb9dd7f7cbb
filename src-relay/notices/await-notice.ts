/** Waits within a request for the outcome of an urgent notice, which any process of the relay may send. */
import type { RelayContext } from '../ports/relay-context.ts'
import { TOO_LATE } from './deliver.ts'
import { readNotice } from './notice-record.ts'
import { SETTLED_CHANNEL, settleNotice } from './settle-notice.ts'

/** This is longer than a channel waits for its server. */
const MAX_WAIT_MS = 20_000

/**
 * Queues a notice and waits for its outcome. A notice without an outcome within the limit becomes undeliverable, so
 * that it cannot be sent later.
 * @param queue queues the notice, and commits
 * @returns whether a channel took it
 */
export async function sentInTime(
  relay: RelayContext,
  noticeId: string,
  queue: () => Promise<void>,
  limitMs: number = MAX_WAIT_MS,
): Promise<boolean> {
  const { promise: settledOrTimeout, resolve } = Promise.withResolvers<void>()
  const currentState = async (): Promise<string | undefined> =>
    (await relay.db.selectFrom('notice').select('state').where('notice_id', '=', noticeId).executeTakeFirst())?.state
  const unsubscribe = await relay.notifications.subscribe(SETTLED_CHANNEL, (settledId) => {
    if (settledId === noticeId) resolve()
    // null: the connection was lost, and the notification may have been lost with it.
    else if (settledId === null)
      currentState().then(
        (state) => state !== 'queued' && resolve(),
        () => {},
      )
  })
  const timer = setTimeout(resolve, limitMs)
  try {
    await queue()
    await settledOrTimeout
    const unsettledNotice = await readNotice(relay, noticeId)
    if (unsettledNotice !== null)
      await settleNotice(relay, unsettledNotice, { state: 'undeliverable', reason: TOO_LATE })
    return (await currentState()) === 'sent'
  } finally {
    clearTimeout(timer)
    unsubscribe()
  }
}
