/** The relay's procedures for recipients, and how their refusals are read. */
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { ERROR_CODES, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { portalContract } from '../../src-core/contract/portal.ts'

export type PortalClient = ContractRouterClient<typeof portalContract>
export type LinkInfo = Awaited<ReturnType<PortalClient['linkInfo']>>
export type Exam = Awaited<ReturnType<PortalClient['exam']>>

/** The URL is relative to the page's own origin, because a link may name the relay by any of its names. */
export const client: PortalClient = createORPCClient(new RPCLink({ url: () => `${location.origin}/portal/rpc` }))

/** Where the images of a grant are, for one that was opened in this browser. */
export const dicomwebRootOf = ({ grantId }: Exam): string => `/portal/grants/${grantId}/dicomweb`
export const downloadUrlOf = ({ grantId }: Exam): string => `/portal/grants/${grantId}/download`

/** Returns a refusal with its code and detail. A request that never reached the relay has the code offline. */
export function refusalOf(error: unknown): OutpostError {
  if (error instanceof OutpostError) return error
  if (!(error instanceof ORPCError)) return new OutpostError('offline')
  const isKnownCode = (ERROR_CODES as readonly string[]).includes(error.code)
  const detail = typeof error.data === 'object' && error.data !== null ? (error.data as OutpostError['detail']) : {}
  return new OutpostError(isKnownCode ? (error.code as ErrorCode) : 'internal', { ...detail })
}
