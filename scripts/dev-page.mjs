// The workstation's page of npm run dev: Vite serves its sources with hot reload, and passes what the page asks for on
// to the workstation, whose one session of a browser it keeps, so that a restart asks nobody to open the page again.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createServer } from 'vite'
import { root } from './set-up.mjs'

const COOKIE = 'outpost-development'
const FOR_WORKSTATION = /^\/(rpc|dicomweb|events)(\/|\?|$)/

/** The key of the address that opens the page, the same at every start: a tab that is open stays open. */
function keyOf(file) {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  }
  return readFileSync(file, 'utf8')
}

/** Does with an address for one use what the page would do. @returns what each request then carries */
export async function openWorkstation(address) {
  const { origin, hash } = new URL(address)
  const answer = await fetch(`${origin}/open`, {
    method: 'POST',
    headers: { 'x-outpost-token': hash.replace('#token=', '') },
  })
  if (!answer.ok) throw new Error(`the workstation did not open: ${answer.status}`)
  const { secret } = await answer.json()
  return { cookie: answer.headers.get('set-cookie').split(';')[0], 'x-outpost-secret': secret }
}

/**
 * @param {object} options
 * @param {string} options.keyFile
 * @param {number} options.port of the page
 * @param {string} options.workstation its origin
 * @param {() => Promise<Record<string, string>>} options.session the headers that open it, once it is up
 */
export async function servePageSources({ keyFile, port, workstation, session }) {
  const key = keyOf(keyFile)
  const origin = `http://127.0.0.1:${port}`

  /** Who asks has to hold the key; the workstation itself refuses what comes from another origin. */
  async function pass(request, response, next) {
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
    const opened = await session().catch(() => null)
    if (opened === null) return refuse(503, 'internal')
    Object.assign(request.headers, opened)
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
    plugins: [{ name: 'outpost-workstation', configureServer: ({ middlewares }) => void middlewares.use(pass) }],
  })
  await server.listen()
  return { address: `${origin}/?key=${key}`, server }
}
