/** Opens the channels that the configuration names, and the outbox of a demonstration in place of the others. */
import type { NoticeMessage, OpenChannel, Outcome } from '../ports/channels.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { embeddedChannel } from './channels/embedded.ts'
import { channels } from './registry.ts'

export interface Channels {
  send(channel: string, message: NoticeMessage): Promise<Outcome>
  close(): void
}

/**
 * Whether messages that no configured channel takes are kept for the page at /outbox: on one machine only, never in a
 * scaled relay.
 */
export const hasEmbeddedOutbox = ({ config }: RelayContext): boolean =>
  'embedded' in config.database && config.demonstration === true

export function openChannels(relay: RelayContext): Channels {
  const open = new Map<string, OpenChannel>()
  for (const [name, channel] of channels) {
    const ready = channel.open(relay.config) ?? (hasEmbeddedOutbox(relay) ? embeddedChannel(relay, name) : null)
    if (ready !== null) open.set(name, ready)
  }
  return {
    // A relay that has no way to send keeps trying: once it is configured, what waited goes out.
    send: async (channel, message) => (await open.get(channel)?.send(message)) ?? { kind: 'later' },
    close() {
      for (const channel of open.values()) channel.close()
    },
  }
}
