/** The address of the relay, and the codes of its failures. */
import { ORPCError } from '@orpc/client'
import { ERROR_CODES, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { Protocol } from '../../src-core/contract/protocol.ts'
import { isLoopbackHost } from '../../src-core/wire/loopback.ts'

/** The part of an enrolment that requests need. */
export interface RelayConnection {
  /** Without a slash at the end. */
  readonly relayUrl: string
  readonly token: string
  /** The protocol that the relay stated at the last contact. */
  readonly protocol: Protocol
  /** Electron's net.fetch, which uses the system's proxy and certificates, or that of Node. */
  readonly fetch: typeof globalThis.fetch
}

/** The address without trailing slashes. @error relay-without-tls unless the relay is on this machine */
export function checkRelayUrl(relayUrl: string): string {
  const url = URL.parse(relayUrl)
  if (!url) throw new OutpostError('bad-request', { field: 'relayUrl' })
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname)))
    throw new OutpostError('relay-without-tls')
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

const CODES: ReadonlySet<string> = new Set(ERROR_CODES)
const isKnownCode = (code: unknown): code is ErrorCode => typeof code === 'string' && CODES.has(code)

/**
 * The error for a failed request. Only a code that the relay itself wrote is final: a proxy or a captive portal answers
 * with its own status, and no item may fail for good because of that.
 */
export function relayFailure(error: unknown): OutpostError {
  if (error instanceof OutpostError) return error
  if (error instanceof ORPCError)
    return new OutpostError(
      isKnownCode(error.code) && error.code !== 'internal' ? error.code : 'relay-error',
      { status: error.status },
      { cause: error },
    )
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) {
    return new OutpostError(error.name === 'AbortError' ? 'cancelled' : 'offline', {}, { cause: error })
  }
  // When no answer came at all, fetch rejects with a TypeError in Node, and with net::ERR_… in Electron.
  const unreachable = error instanceof TypeError || (error instanceof Error && error.message.startsWith('net::ERR_'))
  return new OutpostError(unreachable ? 'offline' : 'relay-error', {}, { cause: error })
}

/** The error for an answer of a route that is not a procedure: its body may contain a code. */
export async function answerFailure(response: Response): Promise<OutpostError> {
  let code: unknown
  try {
    code = ((await response.json()) as { code?: unknown }).code
  } catch {
    code = undefined
  }
  return new OutpostError(isKnownCode(code) && code !== 'internal' ? code : 'relay-error', { status: response.status })
}
