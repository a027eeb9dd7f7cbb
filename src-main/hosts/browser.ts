/**
 * The browser host: workstation.fetch on 127.0.0.1 for machines without Electron, for kiosks and tests.
 * Its address carries a one-time token that becomes an HttpOnly, SameSite=Strict cookie; Host and Origin are checked on
 * every request.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { withSafeHeaders } from '../../src-engine/http/guard.ts'

export interface BrowserHost {
  /** An address that opens the workstation once. */
  address(): string
  readonly origin: string
  close(): Promise<void>
}

const refused = (status: number, sentence: string) =>
  new Response(sentence, {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    },
  })

const same = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

function cookieOf(request: Request, name: string): string {
  for (const pair of request.headers.get('cookie')?.split(/;\s*/) ?? []) {
    const [key, value] = pair.split('=')
    if (key === name) return value ?? ''
  }
  return ''
}

/**
 * @param handler the workstation's fetch handler
 * @param options.port 0 chooses a free one
 * @param options.onAddress called with a fresh address at start and whenever one has been used
 */
export async function browserHost(
  handler: (request: Request) => Promise<Response>,
  options: { port?: number; onAddress?: (address: string) => void } = {},
): Promise<BrowserHost> {
  const session = randomBytes(32).toString('base64url')
  const tokens = new Set<string>()
  let origin = ''
  let cookie = ''

  const address = () => {
    const token = randomBytes(24).toString('base64url')
    tokens.add(token)
    return `${origin}/?token=${token}`
  }

  async function guarded(request: Request): Promise<Response> {
    const url = new URL(request.url)
    // a name that resolves to loopback must not become a way in (DNS rebinding)
    if (request.headers.get('host') !== new URL(origin).host) return refused(403, 'wrong-origin')
    const from = request.headers.get('origin')
    if (from !== null && from !== origin) return refused(403, 'wrong-origin')
    const site = request.headers.get('sec-fetch-site')
    const navigates = request.method === 'GET' && request.headers.get('sec-fetch-mode') === 'navigate'
    if (site !== null && site !== 'same-origin' && site !== 'none' && !navigates) return refused(403, 'wrong-origin')
    const token = url.searchParams.get('token')
    const known = same(cookieOf(request, cookie), session)
    if (request.method === 'GET' && url.pathname === '/' && token !== null) {
      if (known) return new Response(null, { status: 303, headers: { location: '/', 'cache-control': 'no-store' } })
      if (!tokens.delete(token))
        return refused(
          403,
          'This address was used already. Take the newest address that the workstation printed, or start it again.',
        )
      options.onAddress?.(address())
      // the page itself, not a redirect to it: a strict cookie would not follow one that began at another program; the
      // page takes the token out of its address
      const page = await handler(new Request(`${origin}/`, { headers: request.headers }))
      const headers = new Headers(page.headers)
      headers.set('set-cookie', `${cookie}=${session}; HttpOnly; SameSite=Strict; Path=/`)
      headers.set('cache-control', 'no-store')
      return new Response(page.body, { status: page.status, headers })
    }
    if (!known) return refused(401, 'Open the workstation with the address that it printed when it started.')
    return handler(request)
  }

  const server = serve({
    fetch: async (request) => withSafeHeaders(await guarded(request), false),
    port: options.port ?? 0,
    hostname: '127.0.0.1',
  })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })
  const port = (server.address() as AddressInfo).port
  origin = `http://127.0.0.1:${port}`
  // cookies do not know ports: two workstations on one machine each have their own
  cookie = `outpost-${port}`
  options.onAddress?.(address())
  return {
    address,
    origin,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
