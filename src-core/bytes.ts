/**
 * Functions for bytes in plain arrays. They are needed because Node's Buffer is a Uint8Array whose slice() is a view,
 * while slice() of every other typed array copies. Code that means to copy would write into its source, or get an
 * address that is not aligned for wider arrays.
 */

/**
 * The same bytes as a plain Uint8Array. It is a view, nothing is copied. Bytes that are plain already are returned as
 * they are.
 */
export function plainBytes<T extends ArrayBufferLike>(bytes: Uint8Array<T>): Uint8Array<T> {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A copy of the bytes at the start of a new buffer, whatever kind of array they are in. */
export function copiedBytes(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.subarray(start, end))
}

/** The parts one after another in a new buffer. */
export function joinedBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The parts one after another. A single part is returned as it is, without a copy. */
export const concatenated = (parts: readonly Uint8Array[]): Uint8Array =>
  parts.length === 1 ? parts[0]! : joinedBytes(parts)
