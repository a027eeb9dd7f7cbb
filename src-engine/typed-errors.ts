/**
 * How typed errors cross the wire of either server: the oRPC error's code is the code of the catalog, its data the
 * detail. Anything unexpected is `internal` and says nothing.
 */
import { ORPCError } from '@orpc/server'
import { OutpostError, type ErrorCode } from '../src-core/contract/errors.ts'

export interface TypedErrorOptions {
  /** The HTTP status that an error of the catalog answers with. */
  readonly statusOf: (code: ErrorCode) => number
  /** Names failures of the system by the catalog; any other as it is. */
  readonly named?: (error: unknown) => unknown
  /** For the log: what was thrown, and by which procedure. */
  readonly onUnexpected: (error: unknown, path: readonly string[]) => void
}

/** An oRPC interceptor. */
export function typedErrors({ statusOf, onUnexpected, named = (error) => error }: TypedErrorOptions) {
  return async <T>(call: { next: () => Promise<T> | T; path: readonly string[] }): Promise<T> => {
    try {
      return await call.next()
    } catch (thrown) {
      const error = named(thrown)
      if (error instanceof OutpostError)
        throw new ORPCError(error.code, { status: statusOf(error.code), message: error.code, data: error.detail })
      if (error instanceof ORPCError && error.code === 'BAD_REQUEST')
        throw new ORPCError('bad-request', { status: 400, message: 'bad-request' })
      onUnexpected(error, call.path)
      throw new ORPCError('internal', { status: 500, message: 'internal' })
    }
  }
}
