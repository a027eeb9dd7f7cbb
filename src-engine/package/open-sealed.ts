/** Reads a sealed file by range: only the chunks of the range are read and opened. */
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

/** Bytes of the sealed file; shorter only where the file ends. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>

/** The package's identity, or the file key that it opened before: that saves the key agreement. */
export type SealedKey = { readonly identity: string } | { readonly fileKey: Uint8Array }

export interface SealedReader {
  /** Bytes of plaintext. */
  readonly plainSize: number
  /** Of this one file, to open it again with. */
  readonly fileKey: Uint8Array
  /** Plaintext of a range, which must lie within the file. @error package-damaged when a byte was changed */
  read(offset: number, length: number): Promise<Uint8Array>
  /** The same as a stream of at most a megabyte at a time; without a range, the whole plaintext. */
  stream(offset?: number, length?: number): AsyncGenerator<Uint8Array, void, void>
}

const CHUNKS_PER_READ = 16

/**
 * Opens a sealed file for reading. Its last chunk is opened at once: only that tells a whole file from one that was cut
 * at a
 * chunk boundary, whose early chunks would pass.
 * @param size bytes of the sealed file
 * @error package-damaged
 */
export async function openSealed(readAt: ReadAt, size: number, key: SealedKey): Promise<SealedReader> {
  const start = await readAt(0, Math.min(HEADER_LIMIT + PAYLOAD_NONCE, size))
  const headerSize = headerLength(start)
  const payloadStart = headerSize + PAYLOAD_NONCE
  if (start.length < payloadStart) throw new OutpostError('package-damaged', { at: 'header' })
  const fileKey = 'fileKey' in key ? key.fileKey : await fileKeyOf(start.subarray(0, headerSize), key.identity)
  const payload = payloadKey(fileKey, start.subarray(headerSize, payloadStart))
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
          payload,
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

/** Opens sealed bytes that are at hand: slots, messages, manifests. @error package-damaged */
export async function openSealedBytes(sealed: Uint8Array, key: SealedKey): Promise<Uint8Array> {
  const reader = await openSealed(
    async (offset, length) => sealed.subarray(offset, offset + length),
    sealed.length,
    key,
  )
  return reader.read(0, reader.plainSize)
}
