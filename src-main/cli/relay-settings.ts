/**
 * Turns the options of `outpost relay` into the relay's configuration. Options that would expose a secret are refused.
 */
import { isLoopbackHost } from '../../src-core/wire/loopback.ts'
import { FEWEST_CONNECTIONS, type RelayConfig } from '../../src-relay/ports/relay-context.ts'
import { number, string, UsageError, type Values } from './command.ts'
import { hasPassword, secretSetting } from './secret-setting.ts'

/** The options of the channels by which notices are sent. */
export const noticeOptions = {
  usage: '[--smtp URL | --smtp-file FILE] [--mail-from ADDRESS] [--sms-gateway URL] [--sms-token-file FILE]',
  options: {
    smtp: { type: 'string' },
    'smtp-file': { type: 'string' },
    'mail-from': { type: 'string' },
    'sms-gateway': { type: 'string' },
    'sms-token-file': { type: 'string' },
  },
} as const

/** The configuration of these channels. @throws UsageError */
export function noticeSettings(values: Values): Pick<RelayConfig, 'smtp' | 'sms'> {
  const [smtp, sms] = [smtpSettings(values), textGatewaySettings(values)]
  return { ...(smtp !== undefined && { smtp }), ...(sms !== undefined && { sms }) }
}

/** @throws UsageError */
export function smtpSettings(values: Values): RelayConfig['smtp'] {
  const address = secretSetting(values, 'smtp', hasPassword)
  const from = string(values, 'mail-from')
  if (address === undefined) return undefined
  const url = URL.parse(address)
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || from === undefined)
    throw new UsageError(
      '--smtp takes smtp://HOST:PORT or smtps://HOST:PORT, and --mail-from the address that mails come from; ' +
        'with USER:PASSWORD@ before the host only in --smtp-file or OUTPOST_SMTP',
    )
  const secure = url.protocol === 'smtps:'
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    from,
    ...(url.username ? { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } : {}),
  }
}

/** @throws UsageError */
export function textGatewaySettings(values: Values): RelayConfig['sms'] {
  const url = string(values, 'sms-gateway')
  const token = secretSetting(values, 'sms-token', () => true)
  if (url === undefined) return undefined
  if (hasPassword(url) || !isSecureAddress(url))
    throw new UsageError('--sms-gateway takes an https address without a password; http only on this machine')
  return { url, ...(token === undefined ? {} : { token }) }
}

/** @throws UsageError */
export const databaseSetting = (values: Values): string | undefined => secretSetting(values, 'database', hasPassword)

/** The largest number of connections that the relay opens to its database. @throws UsageError */
export function connectionsSetting(values: Values): number | undefined {
  const connections = number(values, 'connections')
  if (connections !== undefined && connections < FEWEST_CONNECTIONS)
    throw new UsageError(`--connections takes a number from ${FEWEST_CONNECTIONS} on`)
  return connections
}

/**
 * The address at which the relay is reached. A demonstration shows its one-time passwords to everyone on its own
 * machine, so no other machine may reach it, not even through a proxy.
 * @throws UsageError
 */
export function addressSettings(values: Values): Pick<RelayConfig, 'demonstration'> & {
  readonly hostname?: string
  readonly publicUrl?: string
} {
  const hostname = string(values, 'host')
  const publicUrl = string(values, 'public-url')
  const demonstration = values['demonstration'] === true
  const elsewhere = hostname !== undefined && !isLoopbackHost(hostname)
  if (demonstration && (elsewhere || publicUrl !== undefined))
    throw new UsageError('--demonstration is for this machine alone: it takes neither --public-url nor another --host')
  if (elsewhere && publicUrl === undefined)
    throw new UsageError('--host lets others reach the relay, so --public-url must say its https address')
  if (publicUrl !== undefined && !isSecureAddress(publicUrl))
    throw new UsageError('--public-url must be an https address; http only on this machine')
  return {
    demonstration,
    ...(hostname === undefined ? {} : { hostname }),
    ...(publicUrl === undefined ? {} : { publicUrl: publicUrl.replace(/\/$/, '') }),
  }
}

/** Whether data sent to the address is encrypted or stays on this machine. */
function isSecureAddress(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname)))
}
