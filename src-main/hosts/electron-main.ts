/** Electron's entry: what Electron gives a workstation, and the window it opens in. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import * as electron from 'electron'
import { createImaging } from '../../src-engine/decode/pool.ts'
import type { Host } from '../app/host.ts'
import { createWorkstation } from '../app/workstation.ts'
import { openSecrets } from '../secrets/open-secrets.ts'
import { defaultDataFolder } from './data-folder.ts'
import { prepareElectron, runElectron } from './electron.ts'
import { folderHandles } from './folder-handles.ts'

const { values } = parseArgs({
  args: process.argv.slice(electron.app.isPackaged ? 1 : 2), strict: false,
  options: { data: { type: 'string' }, relay: { type: 'string' }, 'code-file': { type: 'string' } },
})
const text = (name: 'data' | 'relay' | 'code-file') => (typeof values[name] === 'string' ? values[name] : undefined)

/** Workers and processes are files of their own beside the archive. */
const bundle = import.meta.dirname.replace(/app\.asar(?!\.unpacked)/, 'app.asar.unpacked')
const app = join(import.meta.dirname, '..', '..')
const dataFolder = text('data') ?? process.env.OUTPOST_DATA ?? defaultDataFolder('outpost')
const relay = text('relay')
const handles = folderHandles()

async function electronHost(): Promise<Host> {
  return {
    dataFolder, handles, version: electron.app.getVersion(),
    secrets: await openSecrets(dataFolder),
    pageFolder: join(app, 'out', 'renderer'), resourcesFolder: join(app, 'resources'),
    fetch: (input, init) => electron.net.fetch(input instanceof URL ? input.href : input, init),
    imaging: createImaging({ startProcess: (argv) => electron.utilityProcess.fork(join(bundle, 'decode.js'), [...argv], { serviceName: 'Outpost imaging' }) }),
    entries: { storage: pathToFileURL(join(bundle, 'storage.js')), indexer: pathToFileURL(join(bundle, 'indexer.js')) },
    canBrowseFolders: false,
    now: () => new Date(),
  }
}

mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
electron.app.setPath('userData', join(dataFolder, 'window'))
if (prepareElectron(electron, relay ? new URL(relay).hostname : null)) {
  const codeFile = text('code-file')
  await runElectron(electron, {
    preload: join(app, 'out', 'preload', 'preload.cjs'), windowStateFile: join(dataFolder, 'window.json'), handles,
    open: async () => {
      const workstation = await createWorkstation(await electronHost())
      if (relay && codeFile) await workstation.enrollOnce(relay, readFileSync(codeFile, 'utf8').trim())
      return { fetch: workstation.fetch, close: workstation.close, relayOrigin: relay ? new URL(relay).origin : null }
    },
  })
}
