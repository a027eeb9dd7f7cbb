/** All kinds of notices, all channels, and the channels that each kind may use. */
import type { RelayConfig } from '../ports/relay-context.ts'
import type { Channel } from './channels/channel.ts'
import { smtp } from './channels/smtp.ts'
import { textGateway } from './channels/text-gateway.ts'
import type { NoticeKind } from './kinds/kind.ts'
import { mailOfShare } from './kinds/mail-of-share.ts'
import { oneTimePassword } from './kinds/one-time-password.ts'

/** The database contains these names: a name that was used must never get another meaning. */
const CHANNELS = { mail: smtp, text: textGateway } satisfies Record<string, Channel>
const KINDS = { 'mail-of-share': mailOfShare, 'one-time-password': oneTimePassword } satisfies Record<
  string,
  NoticeKind
>

export type ChannelName = keyof typeof CHANNELS
export type NoticeKindName = keyof typeof KINDS

/** The channels of each kind. The first configured one sends it; the last one is used when none is configured. */
const ROUTES: Record<NoticeKindName, readonly [...ChannelName[], ChannelName]> = {
  'mail-of-share': ['mail'],
  'one-time-password': ['text'],
}

export const channels: readonly (readonly [string, Channel])[] = Object.entries(CHANNELS)

/** @param name as in the row of the notice. @throws for an unknown name, which a newer version may have stored */
export function kindOf(name: string): NoticeKind {
  if (!Object.hasOwn(KINDS, name)) throw new Error('unknown kind of notice')
  return KINDS[name as NoticeKindName]
}

/** @param name as in the row of the notice. @throws for an unknown name, which a newer version may have stored */
export function channelOf(name: string): Channel {
  if (!Object.hasOwn(CHANNELS, name)) throw new Error('unknown channel of notices')
  return CHANNELS[name as ChannelName]
}

export function channelFor(kind: NoticeKindName, config: RelayConfig): ChannelName {
  const route = ROUTES[kind]
  return route.find((name) => CHANNELS[name].isConfigured(config)) ?? (route.at(-1) as ChannelName)
}
