/** Every kind of notice, every channel, and which channels a kind may leave by. */
import type { RelayConfig } from '../ports/relay-context.ts'
import type { Channel } from './channels/channel.ts'
import { smtp } from './channels/smtp.ts'
import { textGateway } from './channels/text-gateway.ts'
import type { NoticeKind } from './kinds/kind.ts'
import { mailOfShare } from './kinds/mail-of-share.ts'
import { oneTimePassword } from './kinds/one-time-password.ts'

/** The names stand in the database: a name that was used is never given to something else. */
const CHANNELS = { mail: smtp, text: textGateway } satisfies Record<string, Channel>
const KINDS = { 'mail-of-share': mailOfShare, 'one-time-password': oneTimePassword } satisfies Record<
  string,
  NoticeKind
>

export type ChannelName = keyof typeof CHANNELS
export type NoticeKindName = keyof typeof KINDS

/** Of the channels of a kind the first that is configured takes it; the last one when none is. */
const ROUTES: Record<NoticeKindName, readonly [...ChannelName[], ChannelName]> = {
  'mail-of-share': ['mail'],
  'one-time-password': ['text'],
}

export const channels: readonly (readonly [string, Channel])[] = Object.entries(CHANNELS)

/** @param name as a notice's row has it. @throws for one that this version does not know: a newer one may */
export function kindOf(name: string): NoticeKind {
  if (!Object.hasOwn(KINDS, name)) throw new Error('unknown kind of notice')
  return KINDS[name as NoticeKindName]
}

/** @param name as a notice's row has it. @throws for one that this version does not know: a newer one may */
export function channelOf(name: string): Channel {
  if (!Object.hasOwn(CHANNELS, name)) throw new Error('unknown channel of notices')
  return CHANNELS[name as ChannelName]
}

export function channelFor(kind: NoticeKindName, config: RelayConfig): ChannelName {
  const route = ROUTES[kind]
  return route.find((name) => CHANNELS[name].isConfigured(config)) ?? (route.at(-1) as ChannelName)
}
