/**
 * The spool: sealed parts of prepared packages, `spool/<packageId>/<part>.age`. A package's folder appears at once and
 * whole, or not at all.
 */
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { flushFolder } from '../../src-engine/files/flush-folder.ts'
import { openSealer, type Sealer } from '../../src-engine/package/seal.ts'
import type { SealedSizes } from '../../src-engine/package/seal.ts'
import { storageFailure } from '../storage/storage-failure.ts'

/** A package under way lies in a folder of this ending, which a restart clears away. */
const UNFINISHED = '.new'

export interface Spool {
  readonly folder: string
  /** The sealed file of one part of a finished package. */
  partPath(packageId: string, part: string): string
  begin(packageId: string): Promise<SpoolWriter>
  remove(packageId: string): Promise<void>
  /** Packages that lie here whole. */
  packages(): Promise<string[]>
  /** Clears what a kill left unfinished. */
  clearUnfinished(): Promise<void>
  /** @error disk-full when fewer bytes than these are free */
  checkSpace(bytes: number): Promise<void>
}

export interface SpoolWriter {
  /** Begins one part; its end() settles once the bytes are on disk. */
  part(name: string, recipient: string): Promise<Sealer>
  /** Makes the package's folder appear. */
  finish(): Promise<void>
  /** Removes whatever was written. */
  abandon(): Promise<void>
}

/** @error disk-full where the disk took no more */
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
          // One call may write less than all.
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
