import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createWorkstation } from '../app/workstation.ts'
import { browserHost } from './browser.ts'
import { number, string, type Command } from './cli-command.ts'
import { dataFolder } from './data-folder.ts'
import { endOnce } from './end-once.ts'
import { nodeHost } from './node-host.ts'

/**
 * Opens the keys of a demonstration, where everyone and everything is invented; Settings says that it protects nothing.
 */
const DEMONSTRATION_PASSPHRASE = 'demonstration'

/** The workstation in the browser. */
export const serveCommand: Command = {
  usage: 'serve [--port N] [--no-open] [--relay URL --code-file FILE] [--demonstration]',
  words: [0, 0],
  options: {
    port: { type: 'string' },
    'no-open': { type: 'boolean', default: false },
    relay: { type: 'string' },
    'code-file': { type: 'string' },
    demonstration: { type: 'boolean', default: false },
  },
  async run(_words, values, program) {
    const passphrase =
      process.env.OUTPOST_PASSPHRASE ?? (values.demonstration === true ? DEMONSTRATION_PASSPHRASE : undefined)
    const workstation = await createWorkstation(await nodeHost(program, dataFolder(values), passphrase))
    const relay = string(values, 'relay')
    const codeFile = string(values, 'code-file')
    if (relay !== undefined && codeFile !== undefined && existsSync(codeFile)) {
      await workstation
        .enrollOnce(relay, readFileSync(codeFile, 'utf8').trim())
        .catch((error: unknown) =>
          process.stderr.write(
            `Not enrolled: ${error instanceof Error ? error.message : 'failed'}. The page offers to enrol.\n`,
          ),
        )
    }
    const host = await browserHost(workstation.fetch, {
      ...(number(values, 'port') === undefined ? {} : { port: number(values, 'port')! }),
      onAddress: (url) =>
        process.stdout.write(
          values.json === true ? `${JSON.stringify({ url })}\n` : `The workstation is open at ${url}\n`,
        ),
    })
    endOnce(() => host.close().then(() => workstation.close()))
    if (values['no-open'] !== true) openInBrowser(host.address())
    return undefined
  },
}

/** In the person's own browser; where there is none, the address was printed. */
function openInBrowser(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin' ? ['open', url] : process.platform === 'win32' ? ['explorer', url] : ['xdg-open', url]
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return
  spawn(program!, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}
