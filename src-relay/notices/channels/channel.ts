/** What every channel states of itself, so that the rest of the relay names none. */
import type { OpenChannel } from '../../ports/channels.ts'
import type { RelayConfig } from '../../ports/relay-context.ts'
import type { GrantContact } from '../../sealing/sealed-records.ts'

interface Addressing {
  /** Where a recipient is reached by the channel; empty: not at all. */
  address(contact: GrantContact): string
  /** The reason that the sender is told when there is no address. */
  readonly withoutAddress: string
  /** The reason that the sender is told when the channel did not answer until the last try. */
  readonly unreachable: string
}

export interface Channel extends Addressing {
  isConfigured(config: RelayConfig): boolean
  /** @returns null when the configuration does not name the channel */
  open(config: RelayConfig): OpenChannel | null
}

/** A channel that is opened from its part of the configuration. */
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
