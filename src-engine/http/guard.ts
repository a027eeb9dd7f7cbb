/** What holds for every request and every answer of both programs, whatever the route. */

/** For answers that are no pages: nothing in them runs, and nothing shows them in a frame. Pages bring their own. */
const DEFAULT_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
/** A year, in seconds. */
const TRANSPORT_SECURITY = 'max-age=31536000'

/** Adds what the route did not say itself. @param https whether the public address is an https one */
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
 * Answers a request by a program's routes. A path that cannot be decoded (`%zz`, half a character) reaches no route: it
 * is the caller's mistake, and nothing for the log.
 */
export async function guarded(
  request: Request,
  https: boolean,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  const response = isDecodable(new URL(request.url).pathname)
    ? await answer()
    : Response.json({ code: 'bad-request' }, { status: 400 })
  return withSafeHeaders(response, https)
}
