/** What a command gives a workstation: no window, folders chosen in the page. */
import type { Host } from '../ports/host.ts'
import { openSecrets } from '../secrets/open-secrets.ts'
import { folderHandles } from './folder-handles.ts'
import type { Program } from './program.ts'

/**
 * @param dataFolder made when missing
 * @param passphrase opens the sealed file of secrets where no keychain answers; absent: the page asks for it
 */
export async function nodeHost(program: Program, dataFolder: string, passphrase: string | undefined): Promise<Host> {
  const secrets = await openSecrets(dataFolder)
  if (secrets.locked && passphrase !== undefined) await secrets.unlock(passphrase)
  const { version, resourcesFolder, pageFolder, fetch, entries } = program
  return {
    dataFolder,
    version,
    resourcesFolder,
    pageFolder,
    fetch,
    entries,
    secrets,
    imaging: await program.createImaging(),
    canBrowseFolders: true,
    now: () => new Date(),
    handles: folderHandles(),
  }
}
