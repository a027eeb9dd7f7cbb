/** The interface of channels. The rest of the relay uses it alone, and does not depend on a certain channel. */
import type { OpenChannel } from '../../ports/channels.ts'
import type { RelayConfig } from '../../ports/relay-context.ts'
import type { GrantContact } from '../../sealing/sealed-records.ts'

interface Addressing {
  /** The recipient's address for this channel; empty when the recipient has none. */
  address(contact: GrantContact): string
  /** The reason that the sender sees when there is no address. */
  readonly missingAddressReason: string
  /** The reason that the sender sees when the last try failed too. */
  readonly unreachableReason: string
}

export interface Channel extends Addressing {
  isConfigured(config: RelayConfig): boolean
  /** @returns null when the configuration does not name the channel */
  open(config: RelayConfig): OpenChannel | null
}

/** Makes a channel that is opened from its own part of the configuration. */
export function configuredChannel<Settings>(
  addressing: Addressing,
  settingsOf: (config: RelayConfig) => Settings | undefined,
  open: (settings: Settings) => OpenChannel,
): Channel {
  return {
    ...addressing,
    isConfigured: (config) => settingsOf(config) !== undefined,
    open(config) {
      const settings = settingsOf(config)
      return settings === undefined ? null : open(settings)
    },
  }
}
