/**
 * Starts a workstation from the checkout's sources, enrolled at a test's relay, with the sample technologist signed in.
 */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { call } from '@orpc/server'
import { procedures } from '../../src-main/app/procedures.ts'
import { createWorkstation, type Workstation } from '../../src-main/app/workstation.ts'
import { folderHandles } from '../../src-main/hosts/folder-handles.ts'
import { programAt } from '../../src-main/hosts/program.ts'
import { SealedFileSecrets } from '../../src-main/secrets/sealed-file.ts'
import { root } from '../support/programs.ts'
import { RELAY_URL } from '../support/sync-station.ts'

/** @param fetchRelay sends requests to the test's relay, at which the sample technologist signs in */
export async function signedInWorkstation(dataFolder: string, fetchRelay: typeof fetch): Promise<Workstation> {
  const source = (file: string) => new URL(`../../${file}`, import.meta.url)
  const { version, resourcesFolder, pageFolder, entries, createImaging } = programAt(root, {
    storage: source('src-main/storage/worker.ts'),
    indexer: source('src-main/library/indexer.ts'),
    preparer: source('src-main/sharing/prepare-thread.ts'),
    decode: source('src-engine/decode-process/process.ts'),
  })
  mkdirSync(dataFolder, { recursive: true })
  const secrets = new SealedFileSecrets(path.join(dataFolder, 'secrets.json'), { memoryKiB: 1024, passes: 1, lanes: 1 })
  await secrets.unlock('a passphrase for tests')
  const workstation = await createWorkstation({
    dataFolder,
    version,
    resourcesFolder,
    pageFolder,
    entries,
    secrets,
    fetch: fetchRelay,
    imaging: await createImaging(),
    canBrowseFolders: true,
    now: () => new Date(),
    handles: folderHandles(),
  })
  await workstation.enrollOnce(RELAY_URL, 'RADI-OLOG-0001')
  const context = { context: { services: workstation.services } }
  await call(procedures.session.signIn, { name: 'Tess Technologist (sample)', password: 'sample' }, context)
  return workstation
}
