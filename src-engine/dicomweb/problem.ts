/**
 * Converts failures to responses: a status, and a problem document (RFC 9457) with the error code and without
 * information about files or people.
 */
import { codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'

const STATUS: Partial<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'window-width-too-small': 400,
  'not-signed-in': 401,
  'wrong-credentials': 401,
  'session-ended': 401,
  'not-allowed': 403,
  blocked: 403,
  revoked: 403,
  'study-not-found': 404,
  'series-not-found': 404,
  'instance-not-found': 404,
  'frame-out-of-range': 404,
  'not-found': 404,
  'no-pixel-data': 404,
  'file-gone': 404,
  'share-not-found': 404,
  'link-unknown': 404,
  'link-expired': 404,
  video: 415,
  'unsupported-transfer-syntax': 415,
  'unsupported-photometric': 415,
  'unsupported-bits': 415,
  cancelled: 503,
  'secrets-locked': 503,
}

/**
 * A problem document.
 * @param status for codes whose status depends on the request
 */
export function problem(code: ErrorCode | 'not-acceptable', status?: number): Response {
  const responseStatus = status ?? (code === 'not-acceptable' ? 406 : (STATUS[code] ?? 500))
  return new Response(JSON.stringify({ code, status: responseStatus }), {
    status: responseStatus,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  })
}

/** The problem document of anything that was thrown; `internal` when it is not an OutpostError. */
export function problemOf(error: unknown): Response {
  return problem(codeOf(error))
}
