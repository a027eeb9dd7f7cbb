/** Procedures of the contract's group library: folders by opaque handles, studies, series, instances. */
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import type { AuditEntry } from '../../../src-core/audit/audit-entry.ts'
import { tenantOf, type SignedIn } from '../../staff/session.ts'
import type { FolderHandles } from '../../ports/host.ts'
import type { Services } from '../services.ts'
import { signedIn } from '../rpc-context.ts'

const done = { ok: true } as const
/** Name of the folder, inside the data folder, in which the sample studies are created. */
const SAMPLES = 'samples'

/** @error folder-missing for a handle that this process did not create */
function pathOf(handles: FolderHandles, handle: string): string {
  const path = handles.path(handle)
  if (path === undefined) throw new OutpostError('folder-missing')
  return path
}

/**
 * The subfolders and ZIP files of a folder, by name and without hidden ones. A folder that may not be read appears
 * empty.
 */
async function contentOf(folder: string): Promise<{ folders: string[]; files: string[] }> {
  try {
    const entries = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => !entry.name.startsWith('.'))
      .sort((left, right) => left.name.localeCompare(right.name))
    const names = (chosen: typeof entries): string[] => chosen.map((entry) => entry.name)
    return {
      folders: names(entries.filter((entry) => entry.isDirectory())),
      files: names(entries.filter((entry) => entry.isFile() && /\.zip$/i.test(entry.name))),
    }
  } catch {
    return { folders: [], files: [] }
  }
}

function entryOf(
  { host }: Services,
  { staff, enrolment }: SignedIn,
  act: Pick<AuditEntry, 'action' | 'subject' | 'detail'>,
): AuditEntry {
  return {
    at: host.now().toISOString(),
    actor: { kind: 'staff', id: staff.staffId, name: staff.name },
    ...tenantOf(enrolment),
    ...act,
  }
}

async function addFolder(services: Services, who: SignedIn, folder: string): Promise<{ folderId: string }> {
  const added = await services.library.addFolder(folder)
  const act = { action: 'folder-added', subject: added.folderId, detail: { name: path.basename(folder) } } as const
  await services.storage.audit.append(entryOf(services, who, act))
  return added
}

export const libraryProcedures = {
  studies: signedIn.library.studies.handler(
    async ({
      input,
      context: {
        services: { library, host },
      },
    }) => {
      const page = await library.list(input)
      // A person who sees studies soon opens one, so the processes that decode are started now.
      if (page.total > 0) host.imaging.prepare()
      return page
    },
  ),
  study: signedIn.library.study.handler(({ input, context }) => context.services.library.study(input.StudyInstanceUID)),
  instances: signedIn.library.instances.handler(({ input, context }) =>
    context.services.library.rows(input.StudyInstanceUID, input.SeriesInstanceUID),
  ),
  folders: signedIn.library.folders.handler(({ context }) => context.services.library.folders()),
  addFolder: signedIn.library.addFolder.handler(({ input, context: { services, who } }) =>
    addFolder(services, who, pathOf(services.host.handles, input.handle)),
  ),
  removeFolder: signedIn.library.removeFolder.handler(async ({ input, context: { services, who } }) => {
    const folder = (await services.library.folders()).find(({ folderId }) => folderId === input.folderId)
    await services.library.removeFolder(input.folderId)
    if (folder !== undefined)
      await services.storage.audit.append(
        entryOf(services, who, { action: 'folder-removed', subject: input.folderId, detail: { name: folder.name } }),
      )
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
  skipped: signedIn.library.skipped.handler(({ input, context }) =>
    context.services.library.skipped(input.offset, input.limit),
  ),
  openSamples: signedIn.library.openSamples.handler(async ({ context }) => {
    const { services, who } = context
    const folder = path.join(services.host.dataFolder, SAMPLES)
    // The generator is loaded on demand, because most starts never create samples.
    const { generateSamples } = await import('../../../resources/samples/generate.ts')
    await generateSamples(folder)
    return addFolder(services, who, folder)
  }),
  browse: signedIn.library.browse.handler(async ({ input, context }) => {
    const { host } = context.services
    if (!host.canBrowseFolders) throw new OutpostError('not-allowed')
    const folder = input.handle === undefined ? homedir() : pathOf(host.handles, input.handle)
    const parent = path.dirname(folder)
    const { folders, files } = await contentOf(folder)
    const selectable = (names: string[]) =>
      names.map((name) => ({ handle: host.handles.give(path.join(folder, name)), name }))
    return {
      handle: host.handles.give(folder),
      name: path.basename(folder) || folder,
      parent: parent === folder ? null : host.handles.give(parent),
      folders: selectable(folders),
      files: selectable(files),
    }
  }),
  importScan: signedIn.library.importScan.handler(({ input, context }) =>
    context.services.library.imports.scan(pathOf(context.services.host.handles, input.handle)),
  ),
  importState: signedIn.library.importState.handler(({ input, context }) =>
    context.services.library.imports.state(input.importId),
  ),
  importStart: signedIn.library.importStart.handler(({ input, context: { services, who } }) => {
    services.library.imports.start(input.importId, input.choices, ({ importId, ...counts }) =>
      services.storage.audit.append(entryOf(services, who, { action: 'import', subject: importId, detail: counts })),
    )
    return done
  }),
  importCancel: signedIn.library.importCancel.handler(async ({ input, context }) => {
    await context.services.library.imports.cancel(input.importId)
    return done
  }),
}
