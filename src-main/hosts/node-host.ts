/** What Node gives a workstation: its own fetch, forked decode processes, workers from source. */
import { join } from 'node:path'
import { createImaging } from '../../src-engine/decode/pool.ts'
import type { Host } from '../app/host.ts'
import { openSecrets } from '../secrets/open-secrets.ts'
import { folderHandles } from './folder-handles.ts'
import { resourcesFolder, root, version } from './resources.ts'

export const storageEntry = new URL('../storage/worker.ts', import.meta.url)

/**
 * @param dataFolder made when missing
 * @param passphrase opens the sealed file of secrets where no keychain answers; absent: the page asks for it
 */
export async function nodeHost(dataFolder: string, passphrase: string | undefined): Promise<Host> {
  const secrets = await openSecrets(dataFolder)
  if (secrets.locked && passphrase !== undefined) await secrets.unlock(passphrase)
  return {
    dataFolder, version, resourcesFolder, secrets,
    pageFolder: join(root, 'out', 'renderer'),
    fetch: globalThis.fetch,
    imaging: createImaging(),
    entries: { storage: storageEntry, indexer: new URL('../library/indexer.ts', import.meta.url) },
    canBrowseFolders: true,
    now: () => new Date(),
    handles: folderHandles(),
  }
}
