/** Applies rules to every request and every response of both programs, on all routes. */
import { correlated, CORRELATION_HEADER } from '../correlation.ts'

/**
 * Headers for responses that are not pages: nothing in them may run, and no frame may show them. Pages set their own
 * headers.
 */
const DEFAULT_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
/** The max-age is one year, in seconds. */
const TRANSPORT_SECURITY = 'max-age=31536000'

/**
 * Adds the headers that the route did not set.
 * @param https whether the public address uses https
 */
export function withSafeHeaders(response: Response, https: boolean): Response {
  const { headers } = response
  for (const [name, value] of Object.entries(DEFAULT_HEADERS)) if (!headers.has(name)) headers.set(name, value)
  if (https) headers.set('strict-transport-security', TRANSPORT_SECURITY)
  if (/json/.test(headers.get('content-type') ?? '') && !headers.has('cache-control'))
    headers.set('cache-control', 'no-store')
  return response
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/**
 * Answers a request by a program's routes, under the correlation id that the request has, or under a new one. A path
 * that cannot be decoded (`%zz`, or a part of a character) reaches no route and is not logged, because it is an error
 * of the caller.
 */
export function guarded(
  request: Request,
  https: boolean,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  return correlated(async (id) => {
    const response = isDecodable(new URL(request.url).pathname)
      ? await answer()
      : Response.json({ code: 'bad-request' }, { status: 400 })
    response.headers.set(CORRELATION_HEADER, id)
    return withSafeHeaders(response, https)
  }, request.headers.get(CORRELATION_HEADER))
}
