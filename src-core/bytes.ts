/**
 * Bytes as plain arrays. Node's Buffer is a Uint8Array whose slice() is a view where every other typed array copies:
 * code that means to copy would write into its source, or stay at an address that no wider array can begin at.
 */

/** The same bytes as a plain Uint8Array: a view, nothing is copied. Bytes that are plain already are returned. */
export function plainBytes<T extends ArrayBufferLike>(bytes: Uint8Array<T>): Uint8Array<T> {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A copy in memory of its own, from the start of a buffer, whatever kind of array the bytes are. */
export function copiedBytes(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.subarray(start, end))
}

/** The parts one after another in memory of their own. */
export function joinedBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The parts one after another; a single part is returned as it is, without a copy. */
export const concatenated = (parts: readonly Uint8Array[]): Uint8Array =>
  parts.length === 1 ? parts[0]! : joinedBytes(parts)
