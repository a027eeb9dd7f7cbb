/** The page's client of its workstation: procedures at /rpc of the page's origin. */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ERROR_CODES } from '../../src-core/contract/errors.ts'
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import type { workstationContract } from '../../src-core/contract/workstation.ts'
import { requestHeaders } from '../../src-ui/request-headers.ts'

export type WorkstationClient = ContractRouterClient<typeof workstationContract>

export const client: WorkstationClient = createORPCClient(
  new RPCLink({ url: `${location.origin}/rpc`, headers: requestHeaders }),
)
export const api = createTanstackQueryUtils(client)

/** The error code of a failed call; a failure without a code of the catalog is internal. */
export function codeOfFailure(failure: unknown): ErrorCode {
  const named = failure as { code?: unknown; data?: { code?: unknown } } | null
  return ERROR_CODES.find((code) => code === named?.code || code === named?.data?.code) ?? 'internal'
}

/**
 * The session was locked in another tab, or the workstation was restarted. The session query then shows the sign-in
 * screen.
 */
function onFailure(failure: unknown): void {
  if (codeOfFailure(failure) === 'not-signed-in') void queryClient.invalidateQueries({ queryKey: api.session.key() })
}

/** Answers are refreshed by events, so they do not expire. A refusal is an answer, so it is not retried. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: onFailure }),
  mutationCache: new MutationCache({ onError: onFailure }),
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      retry: (count, failure) => count < 2 && codeOfFailure(failure) === 'internal',
      refetchOnWindowFocus: false,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})
