/** The host of a workstation that a command starts: it has no window, and folders are chosen in the page. */
import type { Host } from '../ports/host.ts'
import { openSecrets } from '../secrets/open-secrets.ts'
import { folderHandles } from './folder-handles.ts'
import type { Program } from './program.ts'

/**
 * @param dataFolder is created when it is missing
 * @param passphrase opens the sealed file of secrets when no keychain is available; absent: the page asks for it
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
