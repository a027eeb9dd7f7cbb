/** Replaces a channel that is not configured. It stores messages in a table, which the page at /outbox shows. */
import type { OpenChannel } from '../../ports/channels.ts'
import type { RelayContext } from '../../ports/relay-context.ts'

/** @param channel the name of the channel that is replaced */
export function embeddedChannel({ db, now }: Pick<RelayContext, 'db' | 'now'>, channel: string): OpenChannel {
  return {
    async send({ messageId, to, subject, text }) {
      // The Message-ID is the primary key, so that a notice which is sent twice is stored once.
      await db
        .insertInto('embedded_message')
        .values({ message_id: messageId, at: now(), channel, recipient: to.address, subject, body: text })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      return { kind: 'taken' }
    },
    close() {},
  }
}
