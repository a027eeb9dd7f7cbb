/** Mail by SMTP. */
import { createTransport } from 'nodemailer'
import { isLoopbackHost } from '../../../src-core/wire/loopback.ts'
import type { OpenChannel, SmtpSettings } from '../../ports/channels.ts'
import { configuredChannel } from './channel.ts'

/** Failures before the mail was offered: the server may be set right, and what waited then goes out. */
const UNREADY: ReadonlySet<string> = new Set(['EAUTH', 'ETLS'])

function openSmtp({ host, port, secure = false, user, password, from }: SmtpSettings): OpenChannel {
  const transport = createTransport({
    host,
    port,
    secure,
    // Without this, a server or whoever stands before it could ask for mail and password in clear.
    requireTLS: !secure && !isLoopbackHost(host),
    pool: true,
    maxConnections: 2,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ messageId, to, subject, text }) {
      try {
        await transport.sendMail({
          from,
          to,
          subject,
          text,
          messageId,
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
        return { kind: 'taken' }
      } catch (error) {
        // 5yz is the server's final word (RFC 5321 4.2.1); only its number is kept, since its text may quote the mail.
        const { responseCode, code } = error as { responseCode?: number; code?: string }
        if (!UNREADY.has(code ?? '') && responseCode !== undefined && responseCode >= 500)
          return { kind: 'refused', reason: `smtp-${responseCode}` }
        return { kind: 'later' }
      }
    },
    close: () => transport.close(),
  }
}

export const smtp = configuredChannel(
  {
    address: ({ email }) => email,
    withoutAddress: 'recipient-without-email',
    unreachable: 'mail-server-unreachable',
  },
  (config) => config.smtp,
  openSmtp,
)
