/** Procedures of the contract's group library: folders by opaque handles, studies, series, instances. */
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import type { FolderHandles } from '../host.ts'
import { signedIn } from '../signed-in.ts'

const done = { ok: true } as const
/** The name of the folder that the samples are made in, inside the data folder. */
const SAMPLES = 'samples'

/** @error folder-missing for a handle that this process has not given */
function pathOf(handles: FolderHandles, handle: string): string {
  const found = handles.path(handle)
  if (found === undefined) throw new OutpostError('folder-missing')
  return found
}

/** Folders below one folder by name, hidden ones left out; what may not be read is shown as empty. */
async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name).sort((one, other) => one.localeCompare(other))
  } catch {
    return []
  }
}

export const libraryProcedures = {
  studies: signedIn.library.studies.handler(({ input, context }) => context.services.library.list(input)),
  study: signedIn.library.study.handler(({ input, context }) => context.services.library.study(input.StudyInstanceUID)),
  instances: signedIn.library.instances.handler(({ input, context }) => context.services.library.rows(input.StudyInstanceUID, input.SeriesInstanceUID)),
  folders: signedIn.library.folders.handler(({ context }) => context.services.library.folders()),
  addFolder: signedIn.library.addFolder.handler(({ input, context }) => context.services.library.addFolder(pathOf(context.services.host.handles, input.handle))),
  removeFolder: signedIn.library.removeFolder.handler(async ({ input, context }) => {
    await context.services.library.removeFolder(input.folderId)
    return done
  }),
  rescan: signedIn.library.rescan.handler(async ({ input, context }) => {
    await context.services.library.rescan(input.folderId)
    return done
  }),
  pause: signedIn.library.pause.handler(async ({ input, context }) => {
    await context.services.library.pause(input.folderId, input.paused)
    return done
  }),
  skipped: signedIn.library.skipped.handler(({ input, context }) => context.services.library.skipped(input.offset, input.limit)),
  openSamples: signedIn.library.openSamples.handler(async ({ context }) => {
    const { host, library } = context.services
    const folder = path.join(host.dataFolder, SAMPLES)
    // Loaded when asked for: most starts never make samples.
    const { generateSamples } = await import('../../../resources/samples/generate.ts')
    await generateSamples(folder)
    return library.addFolder(folder)
  }),
  browse: signedIn.library.browse.handler(async ({ input, context }) => {
    const { host } = context.services
    if (!host.canBrowseFolders) throw new OutpostError('not-allowed')
    const folder = input.handle === undefined ? homedir() : pathOf(host.handles, input.handle)
    const parent = path.dirname(folder)
    return {
      handle: host.handles.give(folder),
      name: path.basename(folder) || folder,
      parent: parent === folder ? null : host.handles.give(parent),
      folders: (await foldersIn(folder)).map((name) => ({ handle: host.handles.give(path.join(folder, name)), name })),
    }
  }),
}
