/** Opens the configured channels. In a demonstration the outbox page replaces those that are not configured. */
import type { NoticeMessage, OpenChannel, Outcome } from '../ports/channels.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { embeddedChannel } from './channels/embedded.ts'
import { channels } from './registry.ts'

export interface Channels {
  send(channel: string, message: NoticeMessage): Promise<Outcome>
  close(): void
}

/**
 * Whether messages without a configured channel are stored for the page at /outbox. Only a demonstration with an
 * embedded database does that, because the page shows them to any program of its machine.
 */
export const hasEmbeddedOutbox = ({ config }: RelayContext): boolean =>
  'embedded' in config.database && config.demonstration === true

export function openChannels(relay: RelayContext): Channels {
  const openByName = new Map<string, OpenChannel>()
  for (const [name, channel] of channels) {
    const openChannel = channel.open(relay.config) ?? (hasEmbeddedOutbox(relay) ? embeddedChannel(relay, name) : null)
    if (openChannel !== null) openByName.set(name, openChannel)
  }
  return {
    // Without a channel the notice is tried again later: it is sent once the channel is configured.
    send: async (channel, message) => (await openByName.get(channel)?.send(message)) ?? { kind: 'later' },
    close() {
      for (const channel of openByName.values()) channel.close()
    },
  }
}
