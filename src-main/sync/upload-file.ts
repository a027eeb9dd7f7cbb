/** Uploads one sealed file of the spool to the relay. */
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { SealedPart } from '../../src-core/contract/relay.ts'
import { partTree, treeHashOf } from '../../src-engine/package/part-tree.ts'
import { LARGEST_CHUNK, uploadPart, type UploadOptions } from './tus.ts'

const PIECE = 2 ** 20

/**
 * Checks a part before it is sent: the relay would refuse a damaged part at every try.
 * @returns the tree hash of the part
 * @error package-damaged, cancelled
 */
async function checkedPart(file: FileHandle, part: SealedPart, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const tree = partTree()
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, Math.max(1, part.size)))
  let size = 0
  for (;;) {
    if (signal.aborted) throw new OutpostError('cancelled')
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size)
    if (bytesRead === 0) break
    const piece = buffer.subarray(0, bytesRead)
    hash.update(piece)
    tree.update(piece)
    size += bytesRead
  }
  if (size !== part.size || hash.digest('hex') !== part.sha256)
    throw new OutpostError('package-damaged', { part: part.name })
  return treeHashOf(tree.close())
}

/** @error package-damaged when the file is not the part; what uploadPart throws */
export async function uploadFile(
  path: string,
  { packageId, part }: { readonly packageId: string; readonly part: SealedPart },
  options: UploadOptions,
): Promise<void> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new OutpostError('package-damaged', { part: part.name }, { cause })
  })
  // One chunk is read while the previous one is being sent.
  const memory = [0, 1].map(() => new Uint8Array(Math.min(LARGEST_CHUNK, part.size)))
  let reads = 0
  const read = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = memory[reads++ % 2]!.subarray(0, length)
    for (let done = 0; done < length; ) {
      const { bytesRead } = await file.read(bytes, done, length - done, offset + done)
      if (bytesRead === 0) throw new OutpostError('package-damaged', { part: part.name })
      done += bytesRead
    }
    return bytes
  }
  try {
    const tree = await checkedPart(file, part, options.signal)
    await uploadPart({ packageId, part, tree, read }, options)
  } finally {
    await file.close()
  }
}
