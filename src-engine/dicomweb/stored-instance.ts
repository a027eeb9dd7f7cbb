/** Reads the Part 10 bytes of an instance for sending: their size, a key of their content, and a stream. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { ReadableStream as StreamOfNode } from 'node:stream/web'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import type { InstanceSource } from '../imaging.ts'

/**
 * A key that changes whenever the bytes change. For a file it depends on identity, size and time, for bytes on their
 * hash.
 * @error file-gone, file-unreadable
 */
export async function contentKey(source: InstanceSource): Promise<string> {
  const hash = createHash('sha256')
  if ('bytes' in source) return hash.update(source.bytes).digest('hex')
  const { ino, size, mtimeMs } = await statOf(source.path)
  return hash.update(`${source.path}\0${ino}\0${size}\0${mtimeMs}`).digest('hex')
}

/**
 * The size of the instance in bytes.
 * @error file-gone, file-unreadable
 */
export async function sizeOf(source: InstanceSource): Promise<number> {
  return 'bytes' in source ? source.bytes.length : (await statOf(source.path)).size
}

async function statOf(path: string): Promise<{ ino: number; size: number; mtimeMs: number }> {
  try {
    return await stat(path)
  } catch (error) {
    throw new OutpostError((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'file-gone' : 'file-unreadable')
  }
}

/**
 * All bytes of the instance. The file is opened at the first read, so that a stream which is never read (HEAD) holds no
 * file open.
 */
export function bytesOf(source: InstanceSource): Uint8Array | ReadableStream<Uint8Array> {
  return 'bytes' in source
    ? source.bytes
    : (StreamOfNode.from(chunksOf(source.path)) as unknown as ReadableStream<Uint8Array>)
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) yield chunk as Uint8Array
}

/**
 * The transfer syntax, from the File Meta Information.
 * @error those of parseDicom
 */
export async function transferSyntaxOf(source: InstanceSource): Promise<string> {
  const head = 'bytes' in source ? source.bytes : await headOf(source.path)
  return parseDicom(head, { untilTag: 0x00080000, inflate: () => new Uint8Array(16) }).TransferSyntaxUID
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path).catch(() => {
    throw new OutpostError('file-gone')
  })
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
