/** Sends mail by SMTP. */
import { createTransport } from 'nodemailer'
import { isLoopbackHost } from '../../../src-core/wire/loopback.ts'
import type { OpenChannel, SmtpSettings } from '../../ports/channels.ts'
import { configuredChannel } from './channel.ts'

/** Errors before the mail was offered. They end when the configuration is corrected, and the mail is tried again. */
const CONFIGURATION_ERRORS: ReadonlySet<string> = new Set(['EAUTH', 'ETLS'])

function openSmtp({ host, port, secure = false, user, password, from }: SmtpSettings): OpenChannel {
  const transport = createTransport({
    host,
    port,
    secure,
    // Without requireTLS an attacker between relay and server could make the relay send mail and password in clear.
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
        // A 5yz reply is final (RFC 5321 4.2.1). Only its number is stored, because its text may quote the mail.
        const { responseCode, code } = error as { responseCode?: number; code?: string }
        if (!CONFIGURATION_ERRORS.has(code ?? '') && responseCode !== undefined && responseCode >= 500)
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
    missingAddressReason: 'recipient-without-email',
    unreachableReason: 'mail-server-unreachable',
  },
  (config) => config.smtp,
  openSmtp,
)
