/** What every walker of compressed pixel data needs: its refusal, bounded reads, and segments. */
import { OutpostError } from '../../contract/errors.ts'

/**
 * A stream that cannot be walked to its end may hide anything: its instance is refused, never carried along unread.
 * @param reason names the part of the stream; never a value from it
 */
export function unwalkable(reason: string): OutpostError {
  return new OutpostError('cannot-deidentify', { reason })
}

/** A segment of JPEG or JPEG 2000: its marker, then the length of what follows, which counts its own two bytes. */
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
