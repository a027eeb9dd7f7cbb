/**
 * An in-memory workstation that implements the real contract, for the screens' tests, pictures and development. It
 * listens on loopback only.
 * Run: node tests/e2e/support/fake-workstation.ts [scenario] [port]
 */
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { serve } from '@hono/node-server'
import { RPCHandler } from '@orpc/server/fetch'
import { createFakeState, SCENARIOS } from './fake-state.ts'
import type { FakeState, Scenario } from './fake-state.ts'
import { fakeRouter } from './fake-procedures.ts'
import { fakeDicomWeb } from './fake-images.ts'

const PAGE_FOLDER = join(import.meta.dirname, '../../../out/renderer')
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}
/** The policy is as strict as that of the hosts, so that a page that works here works there. */
const CSP =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' blob: data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; " +
  "form-action 'self'"

function events(state: FakeState, signal: AbortSignal): Response {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const encoder = new TextEncoder()
      controller.enqueue(encoder.encode(': hello\n\n'))
      const stop = state.subscribe((event) => controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`)))
      signal.addEventListener('abort', () => {
        stop()
        try {
          controller.close()
        } catch {
          /* already closed by the page */
        }
      })
    },
  })
  return new Response(stream, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}

async function page(path: string, folder: string): Promise<Response> {
  const name = path === '/' ? '/index.html' : normalize(path)
  const bytes = await readFile(join(folder, name)).catch(() => null)
  if (bytes === null) return new Response('not found', { status: 404 })
  return new Response(bytes, {
    headers: { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream', 'content-security-policy': CSP },
  })
}

/** Returns the fake as a fetch handler; a test can read and change its state. */
export function createFakeWorkstation(
  scenario: Scenario,
  pageFolder = PAGE_FOLDER,
): { state: FakeState; fetch: (request: Request) => Promise<Response> } {
  const state = createFakeState(scenario)
  const handler = new RPCHandler(fakeRouter(state))
  return {
    state,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      // The browser host answers like this when a page was not opened by an address with a token.
      if (scenario === 'not-opened' && /^\/(rpc|events|dicomweb)/.test(pathname))
        return Response.json(
          { json: { defined: false, code: 'not-opened', status: 401, message: '', data: {} } },
          { status: 401 },
        )
      if (pathname.startsWith('/rpc'))
        return (
          (await handler.handle(request, { prefix: '/rpc', context: {} })).response ??
          new Response(null, { status: 404 })
        )
      if (pathname === '/events') return events(state, request.signal)
      if (pathname.startsWith('/dicomweb')) return fakeDicomWeb(state, request)
      return page(pathname, pageFolder)
    },
  }
}

/** Serves the fake on a loopback port (0: any free port). */
export async function serveFakeWorkstation(
  scenario: Scenario,
  port = 0,
): Promise<{ url: string; state: FakeState; close: () => Promise<void> }> {
  const fake = createFakeWorkstation(scenario)
  return new Promise((resolve) => {
    const server = serve({ fetch: fake.fetch, port, hostname: '127.0.0.1' }, (address) => {
      resolve({
        url: `http://127.0.0.1:${address.port}/`,
        state: fake.state,
        close: () =>
          new Promise((done) => {
            fake.state.stop()
            if ('closeAllConnections' in server) server.closeAllConnections()
            server.close(() => done())
          }),
      })
    })
  })
}

if (import.meta.main) {
  const scenario = SCENARIOS.find((name) => name === process.argv[2]) ?? 'few'
  const { url } = await serveFakeWorkstation(scenario, Number(process.argv[3] ?? 4210))
  console.log(`${scenario}: ${url}`)
}
