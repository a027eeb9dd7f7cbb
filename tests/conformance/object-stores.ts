/** Every object store that the suite runs on. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openFolderObjects } from '../../src-relay/storage/folder-objects.ts'
import type { ObjectStore } from '../../src-relay/ports/objects.ts'
import { temporaryFolder } from '../integration/relay-support.ts'

export interface StoreUnderTest {
  readonly name: string
  open(): Promise<{ store: ObjectStore; reopen(): Promise<ObjectStore>; remove(): Promise<void> }>
}

export const stores: readonly StoreUnderTest[] = [
  {
    name: 'folder',
    async open() {
      const { folder } = await temporaryFolder()
      const objects = join(folder, 'objects')
      return {
        store: await openFolderObjects(objects),
        reopen: () => openFolderObjects(objects),
        remove: () => rm(folder, { recursive: true, force: true }),
      }
    },
  },
]
