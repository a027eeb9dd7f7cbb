/** Reduces uncompressed pixels to those that a viewer shows, because a person signs off only what they saw. */
import type { PixelDescription } from '../dicom/pixels/description.ts'
import { uncompressedFrameBits } from '../dicom/pixels/frame-bits.ts'
import { clearUnusedBits } from './unused-bits.ts'

/**
 * The frames that the description declares, without bytes after them and without bits that hold no pixel.
 * @param pixels little endian
 * @returns the same bytes when they hold nothing else; a zero that makes their length even is allowed
 * @see PS3.5 8.1.1, 8.2
 */
export function shownPixels(pixels: Uint8Array, description: PixelDescription): Uint8Array {
  const bits = uncompressedFrameBits(description, pixels.length) * description.NumberOfFrames
  const length = Math.ceil(bits / 8)
  const isPadded = pixels.length === length + 1 && length % 2 === 1 && pixels[length] === 0
  let shownBytes = pixels.length <= length || isPadded ? pixels : pixels.subarray(0, length)
  const unusedMask = 0xff << (bits % 8)
  // The last sample of 1 or 12 bits may end within a byte; the bits after it are cleared.
  if (bits % 8 !== 0 && shownBytes.length >= length && (shownBytes[length - 1]! & unusedMask & 0xff) !== 0) {
    shownBytes = new Uint8Array(shownBytes)
    shownBytes[length - 1]! &= ~unusedMask
  }
  return description.sampleKind === 'integer' ? clearUnusedBits(shownBytes, description) : shownBytes
}
