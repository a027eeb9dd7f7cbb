/**
 * Converts typed errors to oRPC errors in both servers: the code of the oRPC error is that of the catalog, its data is
 * the detail. Any unexpected error becomes `internal` without details.
 */
import { ORPCError } from '@orpc/server'
import { OutpostError, type ErrorCode } from '../src-core/contract/errors.ts'

export interface TypedErrorOptions {
  /** The HTTP status for an error code of the catalog. */
  readonly statusOf: (code: ErrorCode) => number
  /** Converts failures of the system to errors of the catalog, and returns all others as they are. */
  readonly named?: (error: unknown) => unknown
  /** Called for the log, with an unexpected error and the path of its procedure. */
  readonly onUnexpected: (error: unknown, path: readonly string[]) => void
}

/** An oRPC interceptor that converts errors. */
export function typedErrors({ statusOf, onUnexpected, named: toCatalogError = (error) => error }: TypedErrorOptions) {
  return async <T>(call: { next: () => Promise<T> | T; path: readonly string[] }): Promise<T> => {
    try {
      return await call.next()
    } catch (thrown) {
      const error = toCatalogError(thrown)
      if (error instanceof OutpostError)
        throw new ORPCError(error.code, { status: statusOf(error.code), message: error.code, data: error.detail })
      if (error instanceof ORPCError && error.code === 'BAD_REQUEST')
        throw new ORPCError('bad-request', { status: 400, message: 'bad-request' })
      onUnexpected(error, call.path)
      throw new ORPCError('internal', { status: 500, message: 'internal' })
    }
  }
}
