/**
 * Refuses a request with a term that this relay does not know. If the term were ignored, the share would be delivered
 * without it.
 */
import { ORPCError } from '@orpc/server'
import { ValidationError } from '@orpc/contract'
import type { z } from 'zod'
import { OutpostError } from '../../src-core/contract/errors.ts'

type Issue = z.core.$ZodIssue

/** The first field or choice that the contract does not have. Its name is cut, because it comes from outside. */
function unknownTerm(issues: readonly Issue[]): string | null {
  for (const issue of issues) {
    const { code, path } = issue
    const isChoice = code === 'invalid_value' || (code === 'invalid_union' && issue.discriminator !== undefined)
    const term = code === 'unrecognized_keys' ? [...path, issue.keys[0]] : isChoice ? path : null
    if (term !== null)
      return term
        .join('.')
        .replaceAll(/[^\w.-]/g, '?')
        .slice(0, 100)
  }
  return null
}

/** An oRPC interceptor. @error relay-outdated with the name of the term */
export async function refuseUnknownTerms<Output>(call: { next: () => Promise<Output> | Output }): Promise<Output> {
  try {
    return await call.next()
  } catch (error) {
    if (error instanceof ORPCError && error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError) {
      const term = unknownTerm(error.cause.issues as readonly Issue[])
      if (term !== null) throw new OutpostError('relay-outdated', { term }, { cause: error })
    }
    throw error
  }
}
