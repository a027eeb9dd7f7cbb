/** The channels that the configuration names. */
import type { RelayContext } from '../ports/relay-context.ts'
import type { Channels } from '../ports/channels.ts'
import { embeddedChannels } from './embedded-channels.ts'
import { smtpChannel } from './smtp-channel.ts'
import { textGatewayChannel } from './text-gateway-channel.ts'

/**
 * Whether messages that no configured channel takes are kept for the page at /outbox: on one machine only, never in a
 * scaled relay.
 */
export const hasEmbeddedOutbox = ({ config }: RelayContext): boolean =>
  'embedded' in config.database && config.demonstration === true

export function openChannels(relay: RelayContext): Channels {
  const { smtp, sms } = relay.config
  const embedded = hasEmbeddedOutbox(relay) ? embeddedChannels(relay) : null
  const mailServer = smtp === undefined ? null : smtpChannel(smtp)
  const gateway = sms === undefined ? null : textGatewayChannel(sms)
  // A relay that has no way to send keeps trying: once it is configured, what waited goes out.
  const later = (): Promise<{ kind: 'later' }> => Promise.resolve({ kind: 'later' })
  return {
    mail: (message) => mailServer?.mail(message) ?? embedded?.mail(message) ?? later(),
    text: (message) => gateway?.(message) ?? embedded?.text(message) ?? later(),
    close: () => mailServer?.close(),
  }
}
