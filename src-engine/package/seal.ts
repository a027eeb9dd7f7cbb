/**
 * Seals a stream as one age v1 file in constant memory, and computes the hashes and sizes of plaintext and sealed
 * bytes.
 */
import { createHash, randomBytes } from 'node:crypto'
import sodium from 'sodium-native'
import { CHUNK, PAYLOAD_NONCE, SEALED_CHUNK, TAG, chunkNonce, newHeader, payloadKey } from './age-format.ts'

export interface SealedSizes {
  readonly plainSize: number
  /** The hash of the plaintext in lower-case hex. */
  readonly plainSha256: string
  readonly sealedSize: number
  readonly sealedSha256: string
}

/** Receives the sealed bytes in order. The buffer is reused after the promise is settled. */
export type Sink = (sealed: Uint8Array) => void | Promise<void>

export interface Sealer {
  /** The number of plaintext bytes so far, which is the position of the next write. */
  readonly position: number
  write(plain: Uint8Array): Promise<void>
  /** Writes the last chunk, which is marked as the last. It must be called once. */
  end(): Promise<SealedSizes>
}

/** Sealed chunks are passed on together, about a megabyte at a time. */
const CHUNKS_PER_WRITE = 16

/** Starts a sealed file for the recipients (age1…). At least one is needed. */
export async function openSealer(recipients: readonly string[], sink: Sink): Promise<Sealer> {
  const { header, fileKey } = await newHeader(recipients)
  const nonce = randomBytes(PAYLOAD_NONCE)
  const key = payloadKey(fileKey, nonce)
  const plainHash = createHash('sha256')
  const sealedHash = createHash('sha256')
  const pending = Buffer.allocUnsafe(CHUNK)
  const out = Buffer.allocUnsafe(SEALED_CHUNK * CHUNKS_PER_WRITE)
  let pendingSize = 0
  let outSize = 0
  let index = 0
  let position = 0
  let sealedSize = 0

  async function passOn(bytes: Uint8Array): Promise<void> {
    sealedHash.update(bytes)
    sealedSize += bytes.length
    await sink(bytes)
  }

  async function sealChunk(last: boolean): Promise<void> {
    const size = pendingSize + TAG
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
      out.subarray(outSize, outSize + size),
      pending.subarray(0, pendingSize),
      null,
      null,
      chunkNonce(index, last),
      key,
    )
    index += 1
    outSize += size
    pendingSize = 0
    if (last || outSize === out.length) {
      await passOn(out.subarray(0, outSize))
      outSize = 0
    }
  }

  await passOn(header)
  await passOn(nonce)
  return {
    get position() {
      return position
    },
    async write(plain) {
      plainHash.update(plain)
      position += plain.length
      for (let remaining = plain; remaining.length > 0; ) {
        // A full chunk is sealed only when more bytes follow, because the last chunk has a mark, and is empty only for
        // an empty file.
        if (pendingSize === CHUNK) await sealChunk(false)
        const copied = Math.min(CHUNK - pendingSize, remaining.length)
        pending.set(remaining.subarray(0, copied), pendingSize)
        pendingSize += copied
        remaining = remaining.subarray(copied)
      }
    },
    async end() {
      await sealChunk(true)
      sodium.sodium_memzero(key)
      return {
        plainSize: position,
        plainSha256: plainHash.digest('hex'),
        sealedSize,
        sealedSha256: sealedHash.digest('hex'),
      }
    },
  }
}

/** Seals a whole source; see openSealer. */
export async function seal(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  recipients: readonly string[],
  sink: Sink,
): Promise<SealedSizes> {
  const sealer = await openSealer(recipients, sink)
  for await (const plain of source) await sealer.write(plain)
  return sealer.end()
}

/** Seals bytes in memory: slots, messages, manifests. */
export async function sealBytes(
  plain: Uint8Array,
  recipients: readonly string[],
): Promise<{ sealed: Uint8Array; sizes: SealedSizes }> {
  const pieces: Uint8Array[] = []
  const sizes = await seal([plain], recipients, (bytes) => {
    pieces.push(Buffer.from(bytes))
  })
  return { sealed: Buffer.concat(pieces), sizes }
}
