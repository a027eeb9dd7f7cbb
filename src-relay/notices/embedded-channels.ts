/** Without a mail server and a gateway: what would be sent lands in a table, and so in the page at /outbox. */
import type { RelayContext } from '../ports/relay-context.ts'
import type { Channels, Outcome } from '../ports/channels.ts'

export function embeddedChannels({ db, now }: RelayContext): Channels {
  const store = async (
    channel: 'mail' | 'text',
    message: { readonly messageId: string; readonly to: string; readonly subject: string; readonly text: string },
  ): Promise<Outcome> => {
    // The Message-ID is the key: a mail that is sent twice lands once.
    await db
      .insertInto('embedded_message')
      .values({
        message_id: message.messageId,
        at: now(),
        channel,
        recipient: message.to,
        subject: message.subject,
        body: message.text,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return { kind: 'taken' }
  }
  return {
    mail: (message) => store('mail', { ...message, to: message.to.address }),
    text: (message) => store('text', { ...message, subject: '' }),
    close() {},
  }
}
