/** Converts the bytes of native pixel data to samples in little endian, colour by pixel (PS3.5 section 8). */
import { OutpostError } from '../../contract/errors.ts'

/**
 * Unpacks samples of 1 bit, least significant bit first (PS3.5 8.1.1), to bytes 0 and 1.
 * @param firstBit counted from the first byte
 */
export function unpackBits(bytes: Uint8Array, firstBit: number, count: number): Uint8Array {
  if (firstBit + count > bytes.length * 8) throw new OutpostError('pixel-data-too-short', { bits: firstBit + count })
  const out = new Uint8Array(count)
  for (let i = 0, bit = firstBit; i < count; i++, bit++) out[i] = (bytes[bit >> 3]! >> (bit & 7)) & 1
  return out
}

/**
 * Unpacks samples of 12 bits, two in three bytes with the first sample in the low bits, to 16-bit little endian.
 * @param firstBit counted from the first byte, a multiple of 4
 */
export function unpackTwelveBits(bytes: Uint8Array, firstBit: number, count: number): Uint8Array {
  if (firstBit + count * 12 > bytes.length * 8)
    throw new OutpostError('pixel-data-too-short', { bits: firstBit + count * 12 })
  const out = new Uint8Array(count * 2)
  for (let i = 0; i < count; i++) {
    const bit = firstBit + i * 12
    const at = bit >> 3
    const value = bit & 7 ? (bytes[at]! >> 4) | (bytes[at + 1]! << 4) : bytes[at]! | ((bytes[at + 1]! & 15) << 8)
    out[i * 2] = value & 255
    out[i * 2 + 1] = value >> 8
  }
  return out
}

/**
 * The same words with their bytes in the opposite order.
 * @param size bytes per word: 2, 4 or 8
 * @param out an array of the same length at the start of a buffer
 */
export function swapBytes(bytes: Uint8Array, size: number, out: Uint8Array = new Uint8Array(bytes.length)): Uint8Array {
  if (size === 2) {
    const words = new Uint16Array(out.buffer, out.byteOffset, bytes.length >> 1)
    for (let i = 0; i < words.length; i++) words[i] = (bytes[2 * i]! << 8) | bytes[2 * i + 1]!
    return out
  }
  const wordsEnd = bytes.length - (bytes.length % size)
  for (let at = 0; at < wordsEnd; at += size) for (let i = 0; i < size; i++) out[at + i] = bytes[at + size - 1 - i]!
  return out
}

/**
 * Converts colour by plane (PlanarConfiguration 1) to colour by pixel.
 * @param size bytes per sample
 */
export function interleavePlanes(bytes: Uint8Array, pixels: number, samples: number, size: number): Uint8Array {
  const out = new Uint8Array(pixels * samples * size)
  for (let sample = 0; sample < samples; sample++) {
    let from = sample * pixels * size
    let to = sample * size
    for (let i = 0; i < pixels; i++, to += samples * size) for (let k = 0; k < size; k++) out[to + k] = bytes[from++]!
  }
  return out
}

/** The size of one frame of native YBR_FULL_422 with 8 bits, in bytes. */
export function bytesOf422(Rows: number, Columns: number): number {
  return Rows * Math.ceil(Columns / 2) * 4
}

/**
 * Converts native YBR_FULL_422 of 8 bits, which has Y Y Cb Cr for every two pixels of a row (PS3.3 C.7.6.3.1.2), to
 * YBR_FULL by repeating the chroma.
 */
export function upsample422(bytes: Uint8Array, Rows: number, Columns: number): Uint8Array {
  if (bytes.length < bytesOf422(Rows, Columns)) throw new OutpostError('pixel-data-too-short', { bytes: bytes.length })
  const out = new Uint8Array(Rows * Columns * 3)
  let at = 0
  let to = 0
  for (let row = 0; row < Rows; row++) {
    for (let column = 0; column < Columns; column += 2, at += 4) {
      for (let i = 0; i < 2 && column + i < Columns; i++) {
        out[to++] = bytes[at + i]!
        out[to++] = bytes[at + 2]!
        out[to++] = bytes[at + 3]!
      }
    }
  }
  return out
}
