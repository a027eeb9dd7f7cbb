/** Without a mail server and a gateway: what would be sent lands in a table, and so in the page at /outbox. */
import type { RelayContext } from '../app/config.ts'
import type { Channels, MailMessage, Outcome } from './channels.ts'

export function embeddedChannels({ db, now }: RelayContext): Channels {
  const store = async (
    channel: 'mail' | 'text',
    message: Omit<MailMessage, 'text'>,
    body: string,
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
        body,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return { kind: 'taken' }
  }
  return {
    mail: (message) => store('mail', message, message.text),
    text: (message) => store('text', { ...message, subject: '' }, message.text),
    close() {},
  }
}
