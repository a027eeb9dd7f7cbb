/** Who is at the other end of a connection, as the socket says it: headers are the caller's to choose. */
import { isLoopbackAddress, isLoopbackHost } from '../../src-core/wire/loopback.ts'

export interface Peer {
  /** The socket's remote address; empty when it is not known, which is never this machine. */
  readonly address: string
}

export const UNKNOWN_PEER: Peer = { address: '' }

/** What proxies add. A request that came through one was made elsewhere, whatever the socket says. */
const FORWARDING_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/**
 * Whether a program of this machine asks by a name of this machine. A page of elsewhere that makes its own name lead
 * here (DNS rebinding) does not.
 */
export function isFromThisMachine(request: Request, { address }: Peer): boolean {
  return (
    isLoopbackAddress(address) &&
    isLoopbackHost(new URL(request.url).hostname) &&
    FORWARDING_HEADERS.every((name) => !request.headers.has(name))
  )
}
