/**
 * The browser host: serves workstation.fetch on 127.0.0.1 for machines without Electron, for kiosks and for tests.
 * Everyone may load the page, which is only the program. Its requests need a cookie and a secret that the page keeps
 * for its tab; an address with a token for one use provides both. Host and Origin of every request are checked.
 */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import { withSafeHeaders } from '../../src-engine/http/guard.ts'
import { BrowserSessions } from './browser-sessions.ts'

export interface BrowserHost {
  /** An address that opens the workstation once. @param livesMs lifetime in ms; Infinity: until it is used */
  address(livesMs: number): string
  /** The address without a token. Its page then explains how to open the workstation. */
  readonly origin: string
  close(): Promise<void>
}

export interface BrowserHostOptions {
  /** 0 chooses a free port. */
  readonly port?: number
  /** Called whenever a token was used to open the workstation. */
  readonly onOpened?: () => void
  /** Ms since 1970. */
  readonly now?: () => number
}

/** The page sends these; src-ui/request-headers.ts and src-renderer/state/opening.ts use the same names. */
const TOKEN_HEADER = 'x-outpost-token'
const SECRET_HEADER = 'x-outpost-secret'
const OPEN_PATH = '/open'

/** Paths of the page and its built files, which are the same for everyone and contain nothing of this workstation. */
const PAGE_FILE = /^\/(?:[\w-]+\.(?:html|svg|png|ico))?$|^\/assets\/[\w.-]+$/

const noStore = { 'cache-control': 'no-store' }

/** A refusal in both forms that the page reads: that of its procedures, and that of all other routes. */
const refused = (status: number, code: ErrorCode): Response =>
  Response.json({ code, json: { defined: false, code, status, message: code, data: {} } }, { status, headers: noStore })

function cookieOf(request: Request, name: string): string {
  for (const pair of request.headers.get('cookie')?.split(/;\s*/) ?? []) {
    const [key, value] = pair.split('=')
    if (key === name) return value ?? ''
  }
  return ''
}

/**
 * Whether the request has another host name or origin. A name that resolves to loopback must give no access (DNS
 * rebinding), nor must a page of another origin. Following a link to the page is allowed.
 */
function comesFromElsewhere(request: Request, origin: string): boolean {
  if (request.headers.get('host') !== new URL(origin).host) return true
  const from = request.headers.get('origin')
  if (from !== null && from !== origin) return true
  const site = request.headers.get('sec-fetch-site')
  const navigates = request.method === 'GET' && request.headers.get('sec-fetch-mode') === 'navigate'
  return site !== null && site !== 'same-origin' && site !== 'none' && !navigates
}

/** @param handler the workstation's fetch handler; its second argument is the id of the calling browser */
export async function browserHost(
  handler: (request: Request, browser?: string) => Promise<Response>,
  { port: wanted = 0, onOpened, now = Date.now }: BrowserHostOptions = {},
): Promise<BrowserHost> {
  const sessions = new BrowserSessions(now)
  let origin = ''
  let cookie = ''

  function open(request: Request): Response {
    const session = sessions.open(request.headers.get(TOKEN_HEADER) ?? '', cookieOf(request, cookie))
    if (session === null) return refused(403, 'not-opened')
    onOpened?.()
    return Response.json(
      { secret: session.secret },
      { headers: { ...noStore, 'set-cookie': `${cookie}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/` } },
    )
  }

  async function guarded(request: Request): Promise<Response> {
    if (comesFromElsewhere(request, origin)) return refused(403, 'wrong-origin')
    const { pathname } = new URL(request.url)
    if (request.method === 'POST' && pathname === OPEN_PATH) return open(request)
    if ((request.method === 'GET' || request.method === 'HEAD') && PAGE_FILE.test(pathname)) return handler(request)
    const browser = sessions.of(cookieOf(request, cookie), request.headers.get(SECRET_HEADER) ?? '')
    return browser === null ? refused(401, 'not-opened') : handler(request, browser)
  }

  const server = serve({
    fetch: async (request) => withSafeHeaders(await guarded(request), false),
    port: wanted,
    hostname: '127.0.0.1',
  })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })
  const { port } = server.address() as AddressInfo
  origin = `http://127.0.0.1:${port}`
  // Cookies do not depend on the port, so the name contains it: two workstations on one machine need two cookies.
  cookie = `outpost-${port}`
  return {
    // The token is in the fragment: browsers never send that part, so no log and no other server receives it.
    address: (livesMs) => `${origin}/#token=${sessions.newToken(livesMs)}`,
    origin,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
