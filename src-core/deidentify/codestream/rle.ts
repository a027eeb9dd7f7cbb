/** Writes RLE frames again with only the segments that the image needs, each up to its last sample (PS3.5 Annex G). */
import type { PixelDescription } from '../../dicom/pixels/description.ts'
import { usedBits } from '../unused-bits.ts'
import { concatenated } from '../../bytes.ts'
import { unwalkable } from './bytes.ts'

const HEADER_BYTES = 64

/**
 * The frame reduced to the bytes that a decoder needs.
 * @error cannot-deidentify where the header or the segments do not fit the image
 */
export function cleanRle(bytes: Uint8Array, description: PixelDescription): Uint8Array {
  const { Rows, Columns, SamplesPerPixel, BitsAllocated } = description
  const bytesPerSample = Math.ceil(BitsAllocated / 8)
  const segments = SamplesPerPixel * bytesPerSample
  // Eight samples of one bit are packed into a byte before they are compressed.
  const count = BitsAllocated === 1 ? Math.ceil((Rows * Columns) / 8) : Rows * Columns
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < HEADER_BYTES || source.getUint32(0, true) !== segments || segments > 15)
    throw unwalkable('rle header')
  const header = new DataView(new ArrayBuffer(HEADER_BYTES))
  header.setUint32(0, segments, true)
  const parts: Uint8Array[] = [new Uint8Array(header.buffer)]
  let at = HEADER_BYTES
  for (let segment = 0; segment < segments; segment++) {
    const start = source.getUint32(4 + segment * 4, true)
    const end = segment + 1 < segments ? source.getUint32(8 + segment * 4, true) : bytes.length
    if (start < HEADER_BYTES || end < start || end > bytes.length) throw unwalkable('rle offsets')
    // The segment of the most significant byte comes first.
    const newValues = usedBits(description, bytesPerSample - 1 - (segment % bytesPerSample))
    const cleaned = cleanSegment(bytes.subarray(start, end), count, newValues)
    header.setUint32(4 + segment * 4, at, true)
    parts.push(cleaned)
    at += cleaned.length
  }
  return concatenated(parts)
}

/**
 * The runs of a segment for `count` bytes, and a zero where their length would be odd (G.3.1).
 * @param used the new value of each byte value; null when values do not change
 */
function cleanSegment(segment: Uint8Array, count: number, newValues: Uint8Array | null): Uint8Array {
  const out = new Uint8Array(segment.length + 1)
  let to = 0
  let at = 0
  for (let samplesLeft = count; samplesLeft > 0; ) {
    const control = segment[at++]
    if (control === undefined) throw unwalkable('rle segment')
    // A control byte of 128 has no effect, so it is left out.
    if (control === 128) continue
    const run = Math.min(samplesLeft, control < 128 ? control + 1 : 257 - control)
    const sourceBytes = control < 128 ? run : 1
    if (at + sourceBytes > segment.length) throw unwalkable('rle segment')
    out[to++] = control < 128 ? run - 1 : run === 1 ? 0 : 257 - run
    for (let index = 0; index < sourceBytes; index++)
      out[to++] = newValues ? newValues[segment[at + index]!]! : segment[at + index]!
    at += control < 128 ? control + 1 : 1
    samplesLeft -= run
  }
  return out.subarray(0, to + (to & 1))
}
