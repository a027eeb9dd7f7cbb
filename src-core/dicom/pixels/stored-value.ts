/**
 * Extracts the stored value from a raw word: the bits between HighBit and HighBit − BitsStored + 1, with their sign
 * (PS3.5 8.1.1).
 */
import { copiedBytes } from '../../bytes.ts'
import type { PixelDescription } from './description.ts'

export type SampleBits = Pick<PixelDescription, 'BitsStored' | 'HighBit' | 'PixelRepresentation'>

/** The stored value of a word of up to 32 bits. Other bits of the word are overlays or garbage and are ignored. */
export function storedValue(word: number, bits: SampleBits): number {
  const shift = bits.HighBit - bits.BitsStored + 1
  const signShift = 31 - bits.HighBit
  // Shifting the sign bit to bit 31 and back extends it.
  const signAligned = word << signShift
  return bits.PixelRepresentation === 1 ? signAligned >> (signShift + shift) : signAligned >>> (signShift + shift)
}

/** A typed array over decoded samples. The bytes are copied only where they are not aligned. */
export function sampleArray(pixels: Uint8Array, BitsAllocated: 8 | 16 | 32): Uint8Array | Uint16Array | Uint32Array {
  if (BitsAllocated === 8) return pixels
  const size = BitsAllocated / 8
  const aligned = pixels.byteOffset % size === 0 ? pixels : copiedBytes(pixels)
  const length = Math.floor(aligned.length / size)
  return BitsAllocated === 16
    ? new Uint16Array(aligned.buffer, aligned.byteOffset, length)
    : new Uint32Array(aligned.buffer, aligned.byteOffset, length)
}
