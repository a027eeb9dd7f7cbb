/**
 * A typed client of the relay's procedures. Answers are checked against the contract, and failures get the codes of the
 * catalog.
 */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { ResponseValidationPlugin } from '@orpc/contract/plugins'
import { relayContract, type Enrolment } from '../../src-core/contract/relay.ts'
import { PROTOCOL } from '../../src-core/contract/protocol.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { linkedAbort } from './linked-abort.ts'
import { checkRelayUrl, relayFailure, type RelayConnection } from './relay-address.ts'

export type RelayClient = ContractRouterClient<typeof relayContract>

/** Milliseconds after which a request without an answer counts as no connection. */
const TIMEOUT_MS = 60_000

/** @error relay-without-tls; each call: offline, relay-error, revoked, and the codes of the relay */
export function relayClient({
  relayUrl,
  token,
  fetch,
}: Pick<RelayConnection, 'relayUrl' | 'fetch'> & { readonly token: string | null }): RelayClient {
  const link = new RPCLink({
    url: `${checkRelayUrl(relayUrl)}/api`,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    async fetch(request, init) {
      const ending = linkedAbort([request.signal], TIMEOUT_MS)
      try {
        return await fetch(request, { ...init, redirect: 'error', signal: ending.signal })
      } catch (error) {
        throw ending.signal.aborted ? new OutpostError('offline', {}, { cause: error }) : error
      } finally {
        ending.release()
      }
    },
    plugins: [new ResponseValidationPlugin(relayContract)],
    interceptors: [
      async ({ next }) => {
        try {
          return await next()
        } catch (error) {
          throw relayFailure(error)
        }
      },
    ],
  })
  return createORPCClient<RelayClient>(link)
}

export interface EnrolRequest {
  readonly code: string
  readonly workstationName: string
  /** Ed25519 public key and age recipient of this workstation. */
  readonly signingKey: Uint8Array
  readonly recipient: string
}

/** Exchanges a one-time code for an enrolment. @error relay-without-tls, wrong-enrolment-code, offline, relay-error */
export function enroll(relayUrl: string, request: EnrolRequest, fetch: typeof globalThis.fetch): Promise<Enrolment> {
  return relayClient({ relayUrl, token: null, fetch }).enroll({
    ...request,
    signingKey: Buffer.from(request.signingKey).toString('base64url'),
    protocol: PROTOCOL,
  })
}
