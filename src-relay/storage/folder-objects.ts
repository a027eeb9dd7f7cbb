/** Stores objects as files of a folder. Every write is on disk when its promise resolves. */
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { flushFolder } from '../../src-engine/files/flush-folder.ts'
import type { ObjectStore } from '../ports/objects.ts'

/** The error codes of writes when the disk or the quota of the account is full. */
const DISK_FULL_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])
const OBJECT_NAME = /^[a-z0-9-]{1,80}$/

/**
 * @param folder is created when absent; only sealed bytes are written there
 * @param freeBytes returns the bytes that can still be written
 */
export async function openFolderObjects(
  folder: string,
  freeBytes: () => Promise<number> = () => freeBytesOf(folder),
): Promise<ObjectStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  /** @error bad-request for a name that could lead out of the folder */
  const pathOf = (name: string): string => {
    if (!OBJECT_NAME.test(name)) throw new OutpostError('bad-request')
    return join(folder, name.slice(0, 2), name)
  }
  /** The path of an object that is being received. Its parts are in one file, each at its offset. */
  const unfinishedPathOf = (name: string): string => `${pathOf(name)}.unfinished`

  async function complete(name: string, size: number): Promise<void> {
    const path = unfinishedPathOf(name)
    const file = await open(path, 'r+').catch((cause: unknown) => {
      throw new OutpostError('upload-not-found', {}, { cause })
    })
    try {
      if ((await file.stat()).size < size) throw new OutpostError('upload-not-found')
      // Bytes after the size were received and never acknowledged.
      await file.truncate(size)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(path, pathOf(name))
    await flushFolder(dirname(path))
  }

  return {
    freeBytes,
    complete,
    async putPart(name, { offset, bytes }) {
      const path = unfinishedPathOf(name)
      const { file, isNew } = await openForWriting(path)
      try {
        await withFullDiskError(async () => {
          await writeAll(file, offset, bytes)
          await file.datasync()
        })
      } finally {
        await file.close()
      }
      if (isNew) await flushFolder(dirname(path))
    },
    async put(name, bytes) {
      const { file } = await openForWriting(unfinishedPathOf(name))
      try {
        await withFullDiskError(() => writeAll(file, 0, bytes))
      } finally {
        await file.close()
      }
      await complete(name, bytes.length)
    },
    async size(name) {
      return (await stat(pathOf(name)).catch(() => null))?.size ?? 0
    },
    async getRange(name, offset, length) {
      const file = await open(pathOf(name), 'r').catch(() => {
        throw new OutpostError('upload-not-found')
      })
      try {
        return await readAll(file, offset, length)
      } finally {
        await file.close()
      }
    },
    stream: (name) => createReadStream(pathOf(name), { highWaterMark: 1 << 20 }),
    async delete(name) {
      for (const path of [pathOf(name), unfinishedPathOf(name)]) await rm(path, { force: true })
    },
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** @error relay-full when the work fails because the disk is full */
async function withFullDiskError(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (DISK_FULL_CODES.has((error as NodeJS.ErrnoException).code ?? ''))
      throw new OutpostError('relay-full', {}, { cause: error })
    throw error
  }
}

async function writeAll(file: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; )
    written += (await file.write(bytes, written, bytes.length - written, offset + written)).bytesWritten
}

/** @error upload-not-found the file has fewer bytes */
async function readAll(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  for (let read = 0; read < length; ) {
    const { bytesRead } = await file.read(bytes, read, length - read, offset + read)
    if (bytesRead === 0) throw new OutpostError('upload-not-found')
    read += bytesRead
  }
  return bytes
}

async function openForWriting(path: string): Promise<{ file: FileHandle; isNew: boolean }> {
  try {
    return { file: await open(path, 'r+'), isNew: false }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const folder = dirname(path)
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await flushFolder(dirname(folder))
  return { file: await open(path, 'w+', 0o600), isNew: true }
}
