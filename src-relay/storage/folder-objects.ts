/** Objects as files of a folder. Every write is on disk before it is answered. */
import { createReadStream } from 'node:fs'
import { mkdir, open, stat, statfs, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { ObjectStore } from '../ports/objects.ts'

/** What a write fails with when the disk, or the account's share of it, is used up. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])
const NAME = /^[a-z0-9-]{1,80}$/

/**
 * @param folder made when absent; sealed bytes only ever lie there
 * @param freeBytes of the folder's file system
 */
export async function openFolderObjects(
  folder: string,
  freeBytes: () => Promise<number> = () => freeBytesOf(folder),
): Promise<ObjectStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const pathOf = (name: string): string => {
    if (!NAME.test(name)) throw new OutpostError('bad-request')
    return join(folder, name.slice(0, 2), name)
  }
  return {
    freeBytes,
    async write(name, offset, bytes) {
      const path = pathOf(name)
      const { file, fresh } = await openForWriting(path)
      try {
        await file.truncate(offset)
        let written = 0
        while (written < bytes.length)
          written += (await file.write(bytes, written, bytes.length - written, offset + written)).bytesWritten
        await file.sync()
      } catch (error) {
        if (FULL.has((error as NodeJS.ErrnoException).code ?? ''))
          throw new OutpostError('relay-full', {}, { cause: error })
        throw error
      } finally {
        await file.close()
      }
      if (fresh) await syncFolders(dirname(path), folder)
    },
    async size(name) {
      return (await stat(pathOf(name)).catch(() => null))?.size ?? 0
    },
    async read(name, offset, length) {
      const file = await open(pathOf(name), 'r').catch(() => {
        throw new OutpostError('upload-not-found')
      })
      try {
        const bytes = new Uint8Array(length)
        let read = 0
        while (read < length) {
          const { bytesRead } = await file.read(bytes, read, length - read, offset + read)
          if (bytesRead === 0) throw new OutpostError('upload-not-found')
          read += bytesRead
        }
        return bytes
      } finally {
        await file.close()
      }
    },
    stream: (name) => createReadStream(pathOf(name), { highWaterMark: 1 << 20 }),
    async remove(name) {
      await unlink(pathOf(name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    },
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

async function openForWriting(path: string): Promise<{ file: FileHandle; fresh: boolean }> {
  try {
    return { file: await open(path, 'r+'), fresh: false }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return { file: await open(path, 'w+', 0o600), fresh: true }
}

/** A new file survives a power cut only when the folders that name it are on disk too. */
async function syncFolders(...folders: string[]): Promise<void> {
  for (const folder of folders) {
    const handle = await open(folder, 'r').catch(() => null)
    if (handle === null) continue
    // Windows cannot sync a folder, and need not.
    await handle.sync().catch(() => {})
    await handle.close()
  }
}
