// npm start sets up, builds, starts a relay with sample people, and opens the workstation: in Electron where its binary
// is available, else in the browser.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  DATA_FOLDERS,
  dataFolderOf,
  endProgram,
  firstJson,
  relayArguments,
  startCommand,
  workstationArguments,
} from './programs.mjs'
import { buildPages, environment, installPackages, node24, root, run } from './set-up.mjs'

const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string' }, browser: { type: 'boolean', default: false } },
})
const say = (text) => process.stderr.write(`${text}\n`)

await installPackages()
buildPages()

const data = values.data ?? dataFolderOf(DATA_FOLDERS.demonstration)
const programs = []

let ending = false
function end(code) {
  if (ending) return
  ending = true
  Promise.all(programs.map(endProgram)).then(() => process.exit(code))
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0))

say('Starting the relay …')
const relay = startCommand(relayArguments(data), ['ignore', 'pipe', 'inherit'])
programs.push(relay)
relay.on('exit', () => {
  if (!ending) {
    say('The relay has stopped.')
    end(1)
  }
})
const {
  url: relayUrl,
  codeFile,
  outbox,
} = await firstJson(relay).catch((error) => {
  say(`The relay did not start: ${error.message}`)
  end(1)
  return {}
})

// The relay's address is printed without its scheme, so that the terminal shows only one link: the workstation's.
if (outbox) say(`Mails and text messages of the demonstration can be read at ${new URL(outbox).host}/outbox`)

const electron = values.browser ? null : electronBinary()
const enrolOptions = ['--relay', relayUrl, '--code-file', codeFile]
if (electron) {
  if (run([join('scripts', 'build-main.mjs')]) !== 0) end(1)
  say('Opening the workstation …')
  const child = spawn(
    electron,
    [join('out', 'main', 'electron.mjs'), '--data', join(data, 'workstation'), ...enrolOptions],
    {
      cwd: root,
      env: { ...environment(), NODE_OPTIONS: '' },
      stdio: 'inherit',
    },
  )
  programs.push(child)
  child.on('exit', (code) => end(code ?? 0))
} else if (relayUrl) {
  // The workstation uses the terminal directly: it prints an address that opens it, and a new one when Enter is
  // pressed.
  const portOption = values.port ? ['--port', values.port] : []
  // Without a terminal, for example in a service, no browser is opened.
  const openOption = process.stdout.isTTY ? [] : ['--no-open']
  const child = startCommand([...workstationArguments(data), ...enrolOptions, ...portOption, ...openOption], 'inherit')
  programs.push(child)
  child.on('exit', (code) => {
    if (!ending) end(code ?? 1)
  })
}

/**
 * Returns the path of Electron's binary: one that is installed, or one downloaded now where that is possible and there
 * is a screen.
 */
function electronBinary() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return null
  const folder = join(root, 'node_modules', 'electron')
  if (!existsSync(join(folder, 'path.txt'))) {
    say('Getting Electron …')
    if (
      spawnSync(node24(), [join(folder, 'install.js')], {
        cwd: folder,
        env: environment(),
        timeout: 300_000,
        stdio: 'ignore',
      }).status !== 0
    ) {
      say('Electron cannot be downloaded here: the workstation opens in the browser instead.')
      return null
    }
  }
  const binary = spawnSync(node24(), ['-p', 'require("electron")'], {
    cwd: root,
    env: environment(),
    encoding: 'utf8',
  }).stdout.trim()
  return existsSync(binary) ? binary : null
}
