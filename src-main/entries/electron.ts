/** Entry of the Electron program: `outpost` opens the window, and `outpost COMMAND` runs a command without one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as electron from 'electron'
import { codeOf } from '../../src-core/contract/errors.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import type { Host } from '../ports/host.ts'
import { createWorkstation } from '../app/workstation.ts'
import { openSecrets } from '../secrets/open-secrets.ts'
import { bundledProgram, decodeBundle, installedFolder } from '../hosts/bundled-program.ts'
import { findCommand, workstationCommands } from '../cli/commands.ts'
import { runCommandLine, sentenceOf } from '../cli/run-command.ts'
import { defaultDataFolder, keepFilesPrivate, privateFolder } from '../cli/data-folder.ts'
import { prepareElectron, runElectron } from '../hosts/electron.ts'
import { folderHandles } from '../hosts/folder-handles.ts'
import type { Program } from '../hosts/program.ts'

keepFilesPrivate()
const args = process.argv.slice(electron.app.isPackaged ? 1 : 2)

const program: Program = {
  ...bundledProgram(),
  fetch: (input, init) => electron.net.fetch(input instanceof URL ? input.href : input, init),
  createImaging: async () =>
    createImaging({
      startProcess: (argv) =>
        electron.utilityProcess.fork(decodeBundle, [...argv], {
          serviceName: 'Outpost imaging',
          // The process gets no environment variables: one may hold a passphrase, and the process reads untrusted
          // files.
          env: {},
        }),
    }),
}

// This promise is not awaited here: Electron becomes ready only after this module was evaluated, and both wait for
// that.
const running = findCommand(workstationCommands, args) === null ? openWindow() : runCommand()
running.catch((error: unknown) => {
  electron.dialog.showErrorBox('Outpost', sentenceOf(program, codeOf(error)))
  electron.app.exit(1)
})

async function runCommand(): Promise<void> {
  await electron.app.whenReady()
  electron.app.exit(await runCommandLine(program, workstationCommands, args))
}

async function openWindow(): Promise<void> {
  const { values } = parseArgs({
    args,
    strict: false,
    options: { data: { type: 'string' }, relay: { type: 'string' }, 'code-file': { type: 'string' } },
  })
  const text = (name: 'data' | 'relay' | 'code-file') => (typeof values[name] === 'string' ? values[name] : undefined)
  const dataFolder = text('data') ?? process.env.OUTPOST_DATA ?? defaultDataFolder('outpost')
  const relay = text('relay')
  const codeFile = text('code-file')
  const handles = folderHandles()

  privateFolder(dataFolder)
  electron.app.setPath('userData', join(dataFolder, 'window'))
  if (!prepareElectron(electron, relay ? new URL(relay).hostname : null)) return
  await runElectron(electron, {
    preload: join(installedFolder, 'out', 'preload', 'preload.cjs'),
    windowStateFile: join(dataFolder, 'window.json'),
    handles,
    open: async () => {
      const { version, resourcesFolder, pageFolder, fetch, entries } = program
      const host: Host = {
        dataFolder,
        handles,
        version,
        resourcesFolder,
        pageFolder,
        fetch,
        entries,
        secrets: await openSecrets(dataFolder),
        imaging: await program.createImaging(),
        canBrowseFolders: false,
        now: () => new Date(),
      }
      const workstation = await createWorkstation(host)
      if (relay && codeFile) await workstation.enrollOnce(relay, readFileSync(codeFile, 'utf8').trim())
      return { fetch: workstation.fetch, close: workstation.close, relayOrigin: relay ? new URL(relay).origin : null }
    },
  })
}
