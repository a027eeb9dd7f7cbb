import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createWorkstation } from '../app/workstation.ts'
import { browserHost } from '../hosts/browser.ts'
import { number, string, type Command } from './command.ts'
import { dataFolder } from './data-folder.ts'
import { onShutdown } from './on-shutdown.ts'
import { nodeHost } from '../hosts/node-host.ts'
import { OpeningFile, tellAddress } from '../hosts/tell-address.ts'

/**
 * Passphrase of the keys in a demonstration, where all people and images are invented. Settings states that it protects
 * nothing.
 */
const DEMONSTRATION_PASSPHRASE = 'demonstration'

/** Runs the workstation for a browser. */
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
    const folder = dataFolder(values)
    const workstation = await createWorkstation(await nodeHost(program, folder, passphrase))
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
    const file = new OpeningFile(folder)
    const port = number(values, 'port')
    const host = await browserHost(workstation.fetch, {
      ...(port === undefined ? {} : { port }),
      onOpened: () => file.write(host),
    })
    file.write(host)
    onShutdown(async () => {
      file.remove()
      await host.close()
      await workstation.close()
    })
    const { stdin, stdout } = process
    const isTerminal = stdout.isTTY === true
    tellAddress(
      host,
      {
        write: (text) => stdout.write(text),
        isTerminal,
        ...(stdin.isTTY ? { onLine: (tell) => createInterface({ input: stdin }).on('line', tell) } : {}),
      },
      { json: values.json === true, demonstration: values.demonstration === true, openingFile: file.path },
    )
    if (values['no-open'] !== true) file.openInBrowser()
    return undefined
  },
}
