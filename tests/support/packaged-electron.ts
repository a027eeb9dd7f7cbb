/**
 * Runs a packed program's Electron entry with the double of the electron module, as a separate program. Arguments:
 * FOLDER of the installed files, then the program's own arguments.
 * Like Electron it becomes ready only after the entry was evaluated. It prints a window's answers as one line of JSON.
 */
import { fork } from 'node:child_process'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { electronDouble } from './electron-double.ts'

const [folder = ''] = process.argv.splice(2, 1)
// The arguments of an installed Electron program begin at the second word.
process.argv.splice(1, 1)

const double = electronDouble()
const evaluated = Promise.withResolvers<void>()
Object.assign(double.app, {
  isPackaged: true,
  setPath: () => {},
  whenReady: () => evaluated.promise,
  exit: (code: number) => process.exit(code),
})
const module = {
  ...double.electron,
  net: { fetch: globalThis.fetch },
  utilityProcess: {
    fork(path: string, args: string[]) {
      const child = fork(path, args, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
      return Object.assign(child, { postMessage: (message: object) => child.send(message) })
    },
  },
  dialog: {
    ...double.electron.dialog,
    showErrorBox: (title: string, text: string) => process.stderr.write(`${title}: ${text}\n`),
  },
}
Object.assign(globalThis, { electronDoubleModule: module })
const source = `export const { ${Object.keys(module).join(', ')} } = globalThis.electronDoubleModule`
const moduleUrl = `data:text/javascript,${encodeURIComponent(source)}`
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: moduleUrl, shortCircuit: true } : next(specifier, context),
})

await import(pathToFileURL(join(folder, 'out', 'main', 'electron.mjs')).href)
evaluated.resolve()

const window = await new Promise<(typeof double.windows)[number]>((resolve) => {
  const timer = setInterval(() => {
    const found = double.windows.find(({ calls }) => calls.includes('show'))
    if (!found) return
    clearInterval(timer)
    resolve(found)
  }, 20)
})
const requestPage = (path: string, init?: RequestInit) =>
  double.sessions.get('persist:outpost')!.protocol.fetch(`outpost://app${path}`, init)
const page = await requestPage('/')
const session = await requestPage('/rpc/session/current', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{}',
})
const answers = {
  url: window.webContents.mainFrame.url,
  preload: window.options.webPreferences?.preload,
  page: page.status,
  html: (await page.text()).includes('<div id="root"'),
  session: session.status,
}
Object.assign(double.app, { quit: () => process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit(0)) })
double.app.emit('before-quit', { preventDefault: () => {} })
