/**
 * When the disk fills up while a folder is read, the folder reports it, and is read again once there is space (W14).
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { openStorage } from '../storage/open-storage.ts'
import { writeInstance } from './instance.fixture.ts'
import { openLibrary } from './library.ts'

/** The test starts two threads and reads many files, on a machine that may be busy. */
const PATIENCE_MS = 120_000

it.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
  'W1 W14: a disk too full for the index is named at the folder, which is read once there is room',
  async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'full-disk-'))
    const [disk, folder] = [path.join(root, 'disk'), path.join(root, 'DICOM')]
    for (const made of [disk, folder]) mkdirSync(made)
    for (let number = 1; number <= 40; number++) writeInstance(folder, `I${number}`, { number })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk])
    try {
      const entries = {
        storage: new URL('../storage/worker.ts', import.meta.url),
        indexer: new URL('./indexer.ts', import.meta.url),
      }
      const storage = await openStorage({ entry: entries.storage, dataFolder: disk })
      const events = { emit: () => {}, subscribe: () => () => {} }
      const host = { dataFolder: disk, entries, now: () => new Date() }
      const library = openLibrary({ host, events, index: storage.index })
      const shows = (state: object) =>
        vi.waitFor(async () => expect(await library.folders()).toMatchObject([state]), {
          timeout: PATIENCE_MS,
          interval: 50,
        })
      try {
        // The list of folders is written while there is space.
        const { folderId } = await library.addFolder(folder)
        await shows({ state: 'watching', indexed: 40, code: null })
        const filler = path.join(disk, 'filler')
        expect(() => writeFileSync(filler, Buffer.alloc(4 * 2 ** 20))).toThrow('ENOSPC')
        for (let number = 41; number <= 2000; number++) writeInstance(folder, `I${number}`, { number })
        await library.rescan(folderId)
        await shows({ code: 'disk-full', progress: null })
        rmSync(filler)
        await library.rescan(folderId)
        await shows({ code: null })
      } finally {
        await library.close()
        await storage.close()
      }
    } finally {
      execFileSync('umount', ['-l', disk])
      rmSync(root, { recursive: true, force: true })
    }
  },
  2 * PATIENCE_MS,
)
