/** Stores a chunk of an upload. Complete parts go to the object; remaining bytes wait in a small separate object. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { GrowingTree } from '../../src-core/audit/merkle-tree.ts'
import { concatenated } from '../../src-core/bytes.ts'
import { LEAF_BYTES, partTree, treeHashOf } from '../../src-engine/package/part-tree.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { partBytesOf, waitingObject, waitingObjects } from './upload-parts.ts'
import { recordReceived, restartUpload, type Upload } from './upload-records.ts'

const HASH_BYTES = 32

function treeOf(subtrees: Uint8Array, entries: number): GrowingTree {
  const heads = Array.from({ length: subtrees.length / HASH_BYTES }, (_, index) =>
    subtrees.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  )
  return { entries, subtrees: heads }
}

/**
 * Appends a chunk to an upload whose lock the caller holds. The chunk is on disk when the promise resolves.
 * @param chunk at most MAX_CHUNK bytes, which do not exceed the upload's length
 * @returns the number of received bytes of the upload
 * @error checksum-mismatch all bytes are received and their tree hash is not the announced one. The upload starts again
 * at offset 0
 */
export async function receiveChunk(relay: RelayContext, upload: Upload, chunk: Uint8Array): Promise<number> {
  const { objects } = relay
  const { uploadId, length, received: before } = upload
  const partBytes = partBytesOf(length)
  const received = before + chunk.length
  const firstPart = Math.floor(before / partBytes)
  const waitingBytes = before % partBytes
  const waiting = waitingBytes > 0 ? [await objects.getRange(waitingObject(uploadId, firstPart), 0, waitingBytes)] : []
  const bytes = concatenated([...waiting, chunk])

  const tree = partTree(treeOf(upload.subtrees, (firstPart * partBytes) / LEAF_BYTES))
  let partNumber = firstPart
  let storedBytes = 0
  while (bytes.length - storedBytes >= partBytes || (received === length && storedBytes < bytes.length)) {
    const part = bytes.subarray(storedBytes, storedBytes + partBytes)
    await objects.putPart(uploadId, { number: partNumber, offset: partNumber * partBytes, bytes: part })
    tree.update(part)
    storedBytes += part.length
    partNumber += 1
  }
  if (storedBytes < bytes.length) await objects.put(waitingObject(uploadId, partNumber), bytes.subarray(storedBytes))

  const { subtrees, entries } = tree.close()
  const isLastChunk = received === length
  if (isLastChunk && upload.treeSha256 !== null && treeHashOf({ subtrees, entries }) !== upload.treeSha256) {
    await restartUpload(relay, uploadId)
    throw new OutpostError('checksum-mismatch')
  }
  await recordReceived(relay, uploadId, received, Buffer.concat(subtrees))
  if (isLastChunk) {
    // The parts are joined only after the record, because nothing can be added to joined parts. A relay that ends in
    // between has a record without an object, which confirm notices.
    await objects.complete(uploadId, length)
    for (const name of waitingObjects(uploadId)) await objects.delete(name)
  }
  return received
}
