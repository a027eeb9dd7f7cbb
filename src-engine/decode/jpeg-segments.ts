/**
 * Functions for codestreams of lossless JPEG and of JPEG-LS: memory for the samples of a frame, and reading segments
 * (ISO 10918-1 B.1.1, ISO 14495-1 C.1).
 */
import type { OutpostError } from '../../src-core/contract/errors.ts'
import type { Allocate } from '../../src-core/dicom/pixels/memory.ts'

export interface LosslessFrame {
  readonly Rows: number
  readonly Columns: number
  readonly components: number
  /** Bits per sample, 2 to 16. */
  readonly precision: number
}
/** Makes the error of a codestream from the reason. */
type Failure = (reason: string) => OutpostError

/**
 * Allocates the samples of a frame: one byte each up to 8 bits and two bytes above. `decoded` and `samples` are the
 * same memory as bytes and as numbers.
 * @throws failed('frame')
 */
export function frameSamples(
  { Rows, Columns, components, precision }: LosslessFrame,
  allocate: Allocate,
  failed: Failure,
): { decoded: Uint8Array; samples: Uint8Array | Uint16Array } {
  if (precision < 2 || precision > 16 || components < 1 || components > 4) throw failed('frame')
  const decoded = allocate(Rows * Columns * components * (precision > 8 ? 2 : 1))
  return {
    decoded,
    samples: precision > 8 ? new Uint16Array(decoded.buffer, decoded.byteOffset, Rows * Columns * components) : decoded,
  }
}

/**
 * at: the position of the marker. length: the stated length, which includes its own two bytes. end: the position after
 * the segment.
 */
export interface Segment {
  readonly marker: number
  readonly at: number
  readonly length: number
  readonly end: number
}

/**
 * The segment at a position or after the fill bytes there; null where the image or the bytes end.
 * @throws failed('marker'), failed('length')
 */
export function segmentAt(bytes: Uint8Array, from: number, failed: Failure): Segment | null {
  for (let at = from; at + 4 <= bytes.length; at++) {
    if (bytes[at] !== 0xff) throw failed('marker')
    const marker = bytes[at + 1]!
    if (marker === 0xff) continue
    if (marker === 0xd9) return null
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) throw failed('length')
    return { marker, at, length, end }
  }
  return null
}
