/**
 * Implements the age v1 file format (age-encryption.org/v1) as far as packages use it: a header with the file key for
 * each X25519 recipient, a 16-byte nonce, then chunks of 64 KiB, each with a 16-byte ChaCha20-Poly1305 tag. The age
 * library makes and opens the header. The payload is handled here, because only this allows streaming and random access
 * at the speed of the disk.
 */
// The package has no types, so every project that imports this file must see the types declared here.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="../sodium-native.d.ts" />
import { hkdfSync } from 'node:crypto'
import { Decrypter, Encrypter } from 'age-encryption'
import { OutpostError } from '../../src-core/contract/errors.ts'

export const CHUNK = 65_536
export const TAG = 16
export const SEALED_CHUNK = CHUNK + TAG
export const PAYLOAD_NONCE = 16
/** The maximum size of a header in bytes. A header with many recipients is far smaller; Outpost makes no larger one. */
export const HEADER_LIMIT = 65_536

/** The nonce of a chunk: a counter of 11 bytes in big endian, and a byte that marks the last chunk. */
export function chunkNonce(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(index), 3)
  nonce[11] = last ? 1 : 0
  return nonce
}

export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32))
}

/**
 * A new header for the recipients (age1…), and its file key. The library cannot make a header alone, so an empty
 * plaintext is sealed, and its nonce and its one empty chunk are dropped. An additional recipient that writes no stanza
 * is added, because the library gives it the file key.
 */
export async function newHeader(recipients: readonly string[]): Promise<{ header: Uint8Array; fileKey: Uint8Array }> {
  if (recipients.length === 0) throw new Error('a sealed file needs a recipient')
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  let fileKey = new Uint8Array(0)
  encrypter.addRecipient({
    wrapFileKey(key) {
      fileKey = new Uint8Array(key)
      return []
    },
  })
  const empty = await encrypter.encrypt(new Uint8Array(0))
  return { header: empty.subarray(0, empty.length - PAYLOAD_NONCE - TAG), fileKey }
}

/**
 * The file key in a header.
 * @error package-damaged when the identity does not open it or it is no age header
 */
export async function fileKeyOf(header: Uint8Array, identity: string): Promise<Uint8Array> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  try {
    return await decrypter.decryptHeader(header)
  } catch (cause) {
    throw new OutpostError('package-damaged', { at: 'header' }, { cause })
  }
}

/**
 * The length of the header in bytes, including the line that begins with "--- ".
 * @error package-damaged
 */
export function headerLength(start: Uint8Array): number {
  const text = Buffer.from(start.buffer, start.byteOffset, start.length)
  const mac = text.indexOf('\n--- ')
  const end = mac < 0 ? -1 : text.indexOf(10, mac + 1)
  if (!text.subarray(0, 22).equals(Buffer.from('age-encryption.org/v1\n')) || end < 0)
    throw new OutpostError('package-damaged', { at: 'header' })
  return end + 1
}

/**
 * The size of the plaintext in a payload of this size, which does not include the nonce.
 * @error package-damaged when no plaintext gives that size
 */
export function plainSizeOf(chunksSize: number): number {
  const chunks = Math.ceil(chunksSize / SEALED_CHUNK)
  const size = chunksSize - chunks * TAG
  if (chunks < 1 || size < 0 || (chunks > 1 && size <= (chunks - 1) * CHUNK))
    throw new OutpostError('package-damaged', { at: 'size' })
  return size
}
