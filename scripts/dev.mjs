// npm run dev [-- --data DIR] [--port N] [--inspect] runs the demonstration with its page from source, with hot reload.
// Relay and workstation restart when their sources change.
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { installPackages, root } from './set-up.mjs'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string', default: '5173' },
    inspect: { type: 'boolean', default: process.env.OUTPOST_INSPECT !== undefined },
  },
})
await installPackages()
// These are imported only now, because they need the installed packages.
const { build } = await import('vite')
const { openWorkstation, servePageSources } = await import('./dev-page.mjs')
const { DATA_FOLDERS, dataFolderOf, relayArguments, workstationArguments } = await import('./programs.mjs')
const { restartingProgram } = await import('./restarting-program.mjs')

const data = values.data ?? dataFolderOf(DATA_FOLDERS.development)
const say = (text) => process.stderr.write(`${text}\n`)
const inspectPort = (port) => (values.inspect ? port : undefined)

/** The files whose change restarts a program. Tests run elsewhere, and the page reloads its own texts. */
const RELAY_SOURCES =
  /^(src-(relay|core|engine)\/|src-main\/(hosts|cli|entries)\/|resources\/messages\/.*\/(mail|relay|media)\.json$)/
const WORKSTATION_SOURCES = /^(src-(main|core|engine)\/|resources\/messages\/.*\/(mail|media|errors)\.json$)/
const NO_SOURCE = /\.(test|fixture)\.ts$/

/** This folder is separate from those that npm start and the tests build. */
const portalFolder = join(root, 'out', 'dev', 'portal')
const relay = restartingProgram('relay', {
  command: () => [...relayArguments(data), '--pages', portalFolder],
  inspectPort: inspectPort(9230),
})
/** The port stays the same after a restart, because the page's server has its address. */
let workstationPort = '0'
const workstation = restartingProgram('workstation', {
  command: async () => {
    const { url, codeFile } = await relay.ready()
    const enrol = ['--relay', url, '--code-file', codeFile]
    return [...workstationArguments(data), ...enrol, '--port', workstationPort, '--no-open', '--json']
  },
  inspectPort: inspectPort(9229),
  onReady: async ({ url }) => ({ origin: new URL(url).origin, session: await openWorkstation(url) }),
})
const closing = [() => workstation.stop(), () => relay.stop()]

let ending = false
async function end(code) {
  if (ending) return
  ending = true
  await Promise.allSettled(closing.map((close) => close()))
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0))

async function start() {
  say('Starting relay and workstation …')
  relay.restart()
  workstation.restart()
  const [{ outbox }, { origin }] = await Promise.all([relay.ready(), workstation.ready()])
  workstationPort = new URL(origin).port
  const portal = await build({
    configFile: join(root, 'src-portal', 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: portalFolder, watch: {}, sourcemap: true, minify: false },
  })
  closing.push(() => portal.close())
  const { address, server } = await servePageSources({
    keyFile: join(data, 'page-key'),
    port: Number(values.port),
    workstation: origin,
    session: async () => (await workstation.ready()).session,
  })
  closing.push(() => server.close())
  server.watcher.add(['src-core', 'src-engine', 'src-main', 'src-relay', 'resources'].map((name) => join(root, name)))
  server.watcher.on('all', (_event, path) => changed(server, relative(root, path).replaceAll('\\', '/')))
  say(`Mails and text messages of the demonstration: ${outbox}`)
  say(`The workstation, with hot reload: ${address}`)
}

async function changed(server, file) {
  if (ending || NO_SOURCE.test(file)) return
  if (RELAY_SOURCES.test(file)) relay.restart()
  if (!WORKSTATION_SOURCES.test(file)) return
  workstation.restart()
  await workstation.ready().then(
    () => server.ws.send({ type: 'full-reload' }),
    () => {},
  )
}

start().catch((error) => {
  say(`npm run dev did not start: ${error.message}`)
  void end(1)
})
