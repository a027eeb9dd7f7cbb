/** Functions that all walkers of compressed pixel data use: their error, reads of big endian numbers, and segments. */
import { OutpostError } from '../../contract/errors.ts'

/**
 * The error for a codestream that cannot be walked to its end. It may hide anything, so its instance is refused.
 * @param reason names the part of the codestream, never a value from it
 */
export function unwalkable(reason: string): OutpostError {
  return new OutpostError('cannot-deidentify', { reason })
}

/** A segment of JPEG or JPEG 2000: its marker, then a length that includes its own two bytes, then the content. */
export function segment(marker: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + content.length)
  bytes.set([marker >> 8, marker & 0xff, (content.length + 2) >> 8, (content.length + 2) & 0xff])
  bytes.set(content, 4)
  return bytes
}

export function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

export function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
