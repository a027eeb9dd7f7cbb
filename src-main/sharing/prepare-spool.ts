/**
 * The spool: the sealed parts of prepared packages, in `spool/<packageId>/<part>.age`. The folder of a package appears
 * by one rename, complete.
 */
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { flushFolder } from '../../src-engine/files/flush-folder.ts'
import { openSealer, type Sealer } from '../../src-engine/package/seal.ts'
import type { SealedSizes } from '../../src-engine/package/seal.ts'
import { storageFailure } from '../storage/storage-failure.ts'

/** Ending of the folder of an unfinished package. The next start removes such folders. */
const UNFINISHED = '.new'

export interface Spool {
  readonly folder: string
  /** Path of the sealed file of one part of a finished package. */
  partPath(packageId: string, part: string): string
  begin(packageId: string): Promise<SpoolWriter>
  remove(packageId: string): Promise<void>
  /** Ids of the complete packages. */
  packages(): Promise<string[]>
  /** Removes packages that were unfinished when the program was killed. */
  clearUnfinished(): Promise<void>
  /** @error disk-full when fewer than this many bytes are free */
  checkSpace(bytes: number): Promise<void>
}

export interface SpoolWriter {
  /** Begins one part. Its end() resolves once the bytes are on disk. */
  part(name: string, recipient: string): Promise<Sealer>
  /** Makes the package's folder appear under its final name. */
  finish(): Promise<void>
  /** Removes everything that was written. */
  abandon(): Promise<void>
}

/** @error disk-full when the disk has no more space */
async function written<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storageFailure(error)
  }
}

export function openSpool(folder: string): Spool {
  async function begin(packageId: string): Promise<SpoolWriter> {
    const unfinished = path.join(folder, `${packageId}${UNFINISHED}`)
    const closers: (() => Promise<void>)[] = []
    await written(() => mkdir(unfinished, { recursive: true, mode: 0o700 }))
    return {
      async part(name, recipient) {
        const file = await written(() => open(path.join(unfinished, `${name}.age`), 'wx', 0o600))
        closers.push(() => file.close())
        const sealer = await openSealer([recipient], async (bytes) => {
          // One call may write fewer bytes than given.
          for (let done = 0; done < bytes.length; ) done += (await written(() => file.write(bytes, done))).bytesWritten
        })
        return {
          get position() {
            return sealer.position
          },
          write: (plain) => sealer.write(plain),
          async end(): Promise<SealedSizes> {
            const sizes = await sealer.end()
            await written(() => file.sync())
            return sizes
          },
        }
      },
      async finish() {
        for (const close of closers.splice(0)) await close()
        await written(async () => {
          await flushFolder(unfinished)
          await rename(unfinished, path.join(folder, packageId))
          await flushFolder(folder)
        })
      },
      async abandon() {
        for (const close of closers.splice(0)) await close()
        await rm(unfinished, { recursive: true, force: true })
      },
    }
  }

  return {
    folder,
    partPath: (packageId, part) => path.join(folder, packageId, `${part}.age`),
    begin,
    remove: (packageId) => rm(path.join(folder, packageId), { recursive: true, force: true }),
    async packages() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return (await readdir(folder)).filter((name) => !name.endsWith(UNFINISHED))
    },
    async clearUnfinished() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      for (const name of await readdir(folder))
        if (name.endsWith(UNFINISHED)) await rm(path.join(folder, name), { recursive: true, force: true })
    },
    async checkSpace(bytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const { bavail, bsize } = await statfs(folder)
      if (bavail * bsize < bytes) throw new OutpostError('disk-full', { bytes })
    },
  }
}
