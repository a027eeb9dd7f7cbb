/** The page at /outbox of a demonstration. It shows mails and text messages that were stored and not sent. */
import { html } from 'hono/html'
import type { RelayContext } from '../ports/relay-context.ts'
import { PAGE_HEADERS, plainPage } from '../http/html.ts'
import { loadRelayCatalog } from './relay-catalog.ts'

const MAX_SHOWN_MESSAGES = 200

interface EmbeddedMessage {
  readonly messageId: string
  readonly at: string
  readonly channel: string
  readonly recipient: string
  readonly subject: string
  readonly body: string
}

/** The latest messages, newest first. */
async function embeddedMessages({ db }: RelayContext): Promise<EmbeddedMessage[]> {
  const rows = await db
    .selectFrom('embedded_message')
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('message_id')
    .limit(MAX_SHOWN_MESSAGES)
    .execute()
  return rows.map((row) => ({
    messageId: row.message_id,
    at: row.at.toISOString(),
    channel: row.channel,
    recipient: row.recipient,
    subject: row.subject,
    body: row.body,
  }))
}

/** Answers with HTML, or with JSON when the request accepts JSON. */
export async function outboxPage(relay: RelayContext, request: Request): Promise<Response> {
  const messages = await embeddedMessages(relay)
  const headers = { ...PAGE_HEADERS, 'Cache-Control': 'no-store' }
  if ((request.headers.get('accept') ?? '').includes('application/json')) return Response.json(messages, { headers })
  const texts = await loadRelayCatalog(relay.config.messagesFolder, 'en')
  const list = messages.map(
    (message) => html`<article><dl>
<dt>${message.channel === 'mail' ? 'Mail to' : 'Text message to'}</dt>
<dd>${message.recipient} <time>${message.at}</time></dd>
${message.subject === '' ? '' : html`<dt>Subject</dt><dd>${message.subject}</dd>`}
</dl><pre>${withLinks(message.body)}</pre></article>`,
  )
  const content = messages.length === 0 ? html`<p>${texts.outboxEmpty}</p>` : list
  const body = html`<h1>${texts.outboxTitle}</h1><p>${texts.outboxText}</p>${content}`
  return new Response(String(await plainPage('en', texts.outboxTitle, body)), {
    headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8' },
  })
}

/** Turns the web addresses of a text into links. Everything is escaped. */
function withLinks(text: string) {
  return text
    .split(/(https?:\/\/\S+)/)
    .map((piece, index) => (index % 2 === 1 ? html`<a href="${piece}">${piece}</a>` : piece))
}
