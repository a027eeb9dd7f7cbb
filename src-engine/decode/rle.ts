/**
 * Decodes RLE Lossless (PS3.5 Annex G): a header of 16 numbers, then one PackBits segment for each byte of a sample,
 * the most significant byte first.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { freshMemory } from '../../src-core/dicom/pixels/memory.ts'

/**
 * Decodes one frame to stored values in little endian, colour by pixel.
 * @param samples SamplesPerPixel
 * @param bytesPerSample BitsAllocated / 8
 * @returns pixels × samples × bytesPerSample bytes
 * @error decode-failed when header or segments do not fit, pixel-data-too-short when a segment ends early
 */
export function decodeRle(
  bytes: Uint8Array,
  pixels: number,
  samples: number,
  bytesPerSample: number,
  allocate = freshMemory,
): Uint8Array {
  if (bytes.length < 64) throw new OutpostError('decode-failed', { reason: 'rle header' })
  const header = new DataView(bytes.buffer, bytes.byteOffset, 64)
  const segments = header.getUint32(0, true)
  if (segments !== samples * bytesPerSample || segments > 15)
    throw new OutpostError('decode-failed', { reason: 'rle segments' })
  const stride = samples * bytesPerSample
  const out = allocate(pixels * stride)
  for (let segment = 0; segment < segments; segment++) {
    const start = header.getUint32(4 + segment * 4, true)
    const next = segment + 1 < segments ? header.getUint32(8 + segment * 4, true) : bytes.length
    if (start < 64 || start > bytes.length || next < start || next > bytes.length)
      throw new OutpostError('decode-failed', { reason: 'rle offsets' })
    const sample = Math.floor(segment / bytesPerSample)
    const significance = bytesPerSample - 1 - (segment % bytesPerSample)
    unpackSegment(bytes, start, next, out, sample * bytesPerSample + significance, stride, pixels)
  }
  return out
}

/** Writes `count` bytes of a PackBits segment at first, first + stride, … */
function unpackSegment(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  first: number,
  stride: number,
  count: number,
): void {
  let at = start
  let target = first
  let bytesLeft = count
  while (bytesLeft > 0) {
    if (at >= end) throw new OutpostError('pixel-data-too-short', { reason: 'rle' })
    const control = bytes[at++]!
    if (control < 128) {
      const run = Math.min(control + 1, bytesLeft)
      if (at + run > end) throw new OutpostError('pixel-data-too-short', { reason: 'rle' })
      for (let i = 0; i < run; i++, target += stride) out[target] = bytes[at + i]!
      at += control + 1
      bytesLeft -= run
    } else if (control > 128) {
      if (at >= end) throw new OutpostError('pixel-data-too-short', { reason: 'rle' })
      const run = Math.min(257 - control, bytesLeft)
      const value = bytes[at++]!
      for (let i = 0; i < run; i++, target += stride) out[target] = value
      bytesLeft -= run
    }
  }
}
