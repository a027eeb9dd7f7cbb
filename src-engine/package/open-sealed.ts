/** Reads ranges of a sealed file. Only the chunks of the range are read and decrypted. */
import sodium from 'sodium-native'
import { OutpostError } from '../../src-core/contract/errors.ts'
import {
  CHUNK,
  HEADER_LIMIT,
  PAYLOAD_NONCE,
  SEALED_CHUNK,
  TAG,
  chunkNonce,
  fileKeyOf,
  headerLength,
  payloadKey,
  plainSizeOf,
} from './age-format.ts'

/** Reads bytes of the sealed file. The result is shorter only where the file ends. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>

/** The package's identity, or the file key of an earlier opening, which saves the key agreement. */
export type SealedKey = { readonly identity: string } | { readonly fileKey: Uint8Array }

export interface SealedReader {
  /** The size of the plaintext in bytes. */
  readonly plainSize: number
  /** The key of this file, to open it again. */
  readonly fileKey: Uint8Array
  /**
   * The plaintext of a range, which must be within the file.
   * @error package-damaged when a byte was changed
   */
  read(offset: number, length: number): Promise<Uint8Array>
  /** The plaintext of a range as a stream of at most a megabyte at a time; without a range, the whole plaintext. */
  stream(offset?: number, length?: number): AsyncGenerator<Uint8Array, void, void>
}

const CHUNKS_PER_READ = 16

/**
 * Opens a sealed file for reading. Its last chunk is decrypted at once, because only that chunk shows whether the file
 * is complete or was cut at the end of a chunk.
 * @param size bytes of the sealed file
 * @error package-damaged
 */
export async function openSealed(readAt: ReadAt, size: number, key: SealedKey): Promise<SealedReader> {
  const start = await readAt(0, Math.min(HEADER_LIMIT + PAYLOAD_NONCE, size))
  const headerSize = headerLength(start)
  const payloadStart = headerSize + PAYLOAD_NONCE
  if (start.length < payloadStart) throw new OutpostError('package-damaged', { at: 'header' })
  const fileKey = 'fileKey' in key ? key.fileKey : await fileKeyOf(start.subarray(0, headerSize), key.identity)
  const payloadSecret = payloadKey(fileKey, start.subarray(headerSize, payloadStart))
  const chunksSize = size - payloadStart
  const plainSize = plainSizeOf(chunksSize)
  const lastChunk = Math.ceil(chunksSize / SEALED_CHUNK) - 1

  async function openChunks(first: number, count: number): Promise<Buffer> {
    const offset = first * SEALED_CHUNK
    const length = Math.min(count * SEALED_CHUNK, chunksSize - offset)
    const sealed = await readAt(payloadStart + offset, length)
    if (sealed.length !== length) throw new OutpostError('package-damaged', { at: 'size' })
    const plain = Buffer.allocUnsafe(length - TAG * Math.ceil(length / SEALED_CHUNK))
    for (let index = 0; index * SEALED_CHUNK < length; index += 1) {
      const chunk = sealed.subarray(index * SEALED_CHUNK, Math.min((index + 1) * SEALED_CHUNK, length))
      const target = plain.subarray(index * CHUNK, index * CHUNK + chunk.length - TAG)
      try {
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
          target,
          null,
          chunk,
          null,
          chunkNonce(first + index, first + index === lastChunk),
          payloadSecret,
        )
      } catch (cause) {
        throw new OutpostError('package-damaged', { at: 'chunk', chunk: first + index }, { cause })
      }
    }
    return plain
  }

  async function* stream(offset = 0, length = plainSize - offset): AsyncGenerator<Uint8Array, void, void> {
    if (
      !Number.isSafeInteger(offset) ||
      !Number.isSafeInteger(length) ||
      offset < 0 ||
      length < 0 ||
      offset + length > plainSize
    ) {
      throw new RangeError('range outside the sealed file')
    }
    for (let at = offset; at < offset + length; ) {
      const first = Math.floor(at / CHUNK)
      const wanted = Math.ceil((offset + length) / CHUNK) - first
      const plain = await openChunks(first, Math.min(wanted, CHUNKS_PER_READ))
      const piece = plain.subarray(at - first * CHUNK, offset + length - first * CHUNK)
      at += piece.length
      yield piece
    }
  }

  await openChunks(lastChunk, 1)
  return {
    plainSize,
    fileKey,
    stream,
    async read(offset, length) {
      const pieces: Uint8Array[] = []
      for await (const piece of stream(offset, length)) pieces.push(piece)
      return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
    },
  }
}

/**
 * Opens sealed bytes in memory: slots, messages, manifests.
 * @error package-damaged
 */
export async function openSealedBytes(sealed: Uint8Array, key: SealedKey): Promise<Uint8Array> {
  const reader = await openSealed(
    async (offset, length) => sealed.subarray(offset, offset + length),
    sealed.length,
    key,
  )
  return reader.read(0, reader.plainSize)
}
