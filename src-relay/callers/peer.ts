/** The other end of a connection, as the socket reports it. Headers do not count, because the caller chooses them. */
import { isLoopbackAddress, isLoopbackHost } from '../../src-core/wire/loopback.ts'

export interface Peer {
  /** The socket's remote address; empty when it is not known. An unknown address never counts as this machine. */
  readonly address: string
}

export const UNKNOWN_PEER: Peer = { address: '' }

/** The headers that proxies add. A request that came through a proxy may come from another machine. */
const FORWARDING_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/**
 * Whether a request was made by a program on this machine, under a name of this machine. The name is checked because a
 * foreign page could let its own host name resolve to this machine (DNS rebinding).
 */
export function isFromThisMachine(request: Request, { address }: Peer): boolean {
  return (
    isLoopbackAddress(address) &&
    isLoopbackHost(new URL(request.url).hostname) &&
    FORWARDING_HEADERS.every((name) => !request.headers.has(name))
  )
}
