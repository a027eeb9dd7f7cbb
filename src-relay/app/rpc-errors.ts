/** How typed errors cross the wire: the oRPC error's code is the code of the catalog, its data the detail. Anything unexpected is `internal` and says nothing. */
import { ORPCError } from '@orpc/server'
import { failureLine } from './failure-line.ts'
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'

const STATUS: Partial<Record<ErrorCode, number>> = {
  'revoked': 401, 'not-signed-in': 401, 'wrong-enrolment-code': 403, 'not-allowed': 403, 'wrong-origin': 403,
  'link-unknown': 404, 'link-expired': 404, 'not-found': 404, 'share-not-found': 404, 'upload-not-found': 404, 'instance-not-found': 404, 'study-not-found': 404, 'series-not-found': 404,
  'relay-refused': 409, 'offset-mismatch': 409, 'not-in-this-state': 409, 'too-large': 413, 'blocked': 403, 'otp-wrong': 403, 'otp-expired': 403,
  'too-many-requests': 429, 'internal': 500, 'relay-error': 503,
}

/** The HTTP status that an error of the catalog answers with. */
export const statusOf = (code: ErrorCode): number => STATUS[code] ?? 400

/** An oRPC interceptor. @param where the log's word for these procedures */
export function typedErrors(where: string, log: ((line: string) => void) | undefined) {
  return async <T>(options: { next: () => Promise<T> | T; path: readonly string[] }): Promise<T> => {
    try {
      return await options.next()
    } catch (error) {
      if (error instanceof OutpostError) throw new ORPCError(error.code, { status: statusOf(error.code), message: error.code, data: error.detail })
      if (error instanceof ORPCError && error.code === 'BAD_REQUEST') throw new ORPCError('bad-request', { status: 400, message: 'bad-request' })
      log?.(failureLine(`${where} ${options.path.join('/')}`, error))
      throw new ORPCError('internal', { status: 500, message: 'internal' })
    }
  }
}
