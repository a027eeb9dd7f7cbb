/** Turns errors of the relay's procedures into typed errors with an HTTP status. */
import { databaseFailure } from '../storage/database.ts'
import { failureLine } from '../../src-engine/failure-line.ts'
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import type { TypedErrorOptions } from '../../src-engine/typed-errors.ts'

const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  revoked: 401,
  'not-signed-in': 401,
  'session-ended': 401,
  'wrong-enrolment-code': 403,
  'wrong-credentials': 403,
  'not-allowed': 403,
  'sender-unknown': 403,
  'wrong-origin': 403,
  'link-unknown': 404,
  'link-expired': 404,
  'not-found': 404,
  'share-not-found': 404,
  'upload-not-found': 404,
  'instance-not-found': 404,
  'study-not-found': 404,
  'series-not-found': 404,
  'relay-refused': 409,
  'relay-outdated': 409,
  'offset-mismatch': 409,
  'not-in-this-state': 409,
  'too-large': 413,
  blocked: 403,
  'otp-wrong': 403,
  'otp-expired': 403,
  'too-many-requests': 429,
  internal: 500,
  'relay-error': 503,
  'relay-full': 507,
}

/** The HTTP status of an error code. */
export const statusOf = (code: ErrorCode): number => STATUS_OF_CODE[code] ?? 400

/** The error options of a procedure server. @param where names the server in the log */
export const procedureErrors = (where: string, log: ((line: string) => void) | undefined): TypedErrorOptions => ({
  statusOf,
  named: databaseFailure,
  onUnexpected: (error, path) => log?.(failureLine(`${where} ${path.join('/')}`, error)),
})
