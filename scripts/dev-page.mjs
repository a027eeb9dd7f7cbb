// Serves the workstation's page for npm run dev: Vite serves the sources with hot reload, and passes other requests on
// to the workstation. It keeps the browser session itself, so the page stays open after a restart of the workstation.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createServer } from 'vite'
import { root } from './set-up.mjs'

const COOKIE = 'outpost-development'
const FOR_WORKSTATION = /^\/(rpc|dicomweb|events)(\/|\?|$)/

/** Returns the key in the address of the page. It is the same at every start, so that an open tab stays valid. */
function keyOf(file) {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  }
  return readFileSync(file, 'utf8')
}

/** Opens the workstation by its single-use address, as the page does. @returns the headers for each further request */
export async function openWorkstation(address) {
  const { origin, hash } = new URL(address)
  const response = await fetch(`${origin}/open`, {
    method: 'POST',
    headers: { 'x-outpost-token': hash.replace('#token=', '') },
  })
  if (!response.ok) throw new Error(`the workstation did not open: ${response.status}`)
  const { secret } = await response.json()
  return { cookie: response.headers.get('set-cookie').split(';')[0], 'x-outpost-secret': secret }
}

/**
 * @param {object} options
 * @param {string} options.keyFile
 * @param {number} options.port of the page
 * @param {string} options.workstation its origin
 * @param {() => Promise<Record<string, string>>} options.session resolves, once the workstation runs, to the headers of
 *   its session
 */
export async function servePageSources({ keyFile, port, workstation, session }) {
  const key = keyOf(keyFile)
  const origin = `http://127.0.0.1:${port}`

  /** A request must have the key. The workstation itself refuses requests from another origin. */
  async function passToWorkstation(request, response, next) {
    if (request.url === `/?key=${key}`) {
      const cookie = `${COOKIE}=${key}; HttpOnly; SameSite=Strict; Path=/`
      response.writeHead(303, { location: '/', 'set-cookie': cookie }).end()
      return
    }
    if (!FOR_WORKSTATION.test(request.url)) return next()
    const refuse = (status, code) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ code, json: { defined: false, code, status, message: code, data: {} } }))
    if (!request.headers.cookie?.split(/;\s*/).includes(`${COOKIE}=${key}`)) return refuse(401, 'not-opened')
    const sessionHeaders = await session().catch(() => null)
    if (sessionHeaders === null) return refuse(503, 'internal')
    Object.assign(request.headers, sessionHeaders)
    if (request.headers.origin === origin) request.headers.origin = workstation
    next()
  }

  const server = await createServer({
    configFile: join(root, 'src-renderer', 'vite.config.ts'),
    cacheDir: join(root, 'out', 'dev', 'vite'),
    logLevel: 'warn',
    server: {
      host: '127.0.0.1',
      port,
      strictPort: true,
      proxy: { [FOR_WORKSTATION.source]: { target: workstation, changeOrigin: true } },
    },
    plugins: [
      { name: 'outpost-workstation', configureServer: ({ middlewares }) => void middlewares.use(passToWorkstation) },
    ],
  })
  await server.listen()
  return { address: `${origin}/?key=${key}`, server }
}
