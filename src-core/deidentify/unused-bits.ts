/**
 * Bits of a cell that hold no pixel are shown nowhere and may hold anything: overlays of old devices (retired, PS3.3
 * C.9.2), or text. They become what readers expect there: zeros, or the sign.
 */
import type { PixelDescription } from '../dicom/pixels/description.ts'

export type CellBits = Pick<PixelDescription, 'BitsAllocated' | 'BitsStored' | 'HighBit' | 'PixelRepresentation'>

/** Bits of a cell that hold the pixel; null when all do, or when the description cannot be. */
function pixelMask({ BitsAllocated, BitsStored, HighBit }: CellBits): number | null {
  if (BitsAllocated !== 8 && BitsAllocated !== 16 && BitsAllocated !== 32) return null
  if (BitsStored >= BitsAllocated || BitsStored < 1 || HighBit < BitsStored - 1 || HighBit >= BitsAllocated) return null
  return (2 ** BitsStored - 1) * 2 ** (HighBit + 1 - BitsStored)
}

/**
 * Native little endian pixels with their unused bits clear: the same bytes when they are clear already, else a copy.
 * @see PS3.5 8.1.1
 */
export function clearUnusedBits(pixels: Uint8Array, cell: CellBits): Uint8Array {
  const mask = pixelMask(cell)
  if (mask === null || areClear(pixels, cell, mask)) return pixels
  const size = cell.BitsAllocated / 8
  const signBit = cell.HighBit
  const above = cell.PixelRepresentation === 1 ? ~((2 ** (signBit + 1) - 1) | 0) : 0
  const cleared = new Uint8Array(pixels)
  for (let at = 0; at + size <= cleared.length; at += size) {
    const negative = (cleared[at + (signBit >> 3)]! >> (signBit & 7)) & 1
    for (let byte = 0; byte < size; byte++) {
      const kept = cleared[at + byte]! & (mask >>> (byte * 8))
      cleared[at + byte] = negative === 1 ? kept | (above >>> (byte * 8)) : kept
    }
  }
  return cleared
}

/** Looks at four bytes at once: most images have nothing there, and each slice of a series is looked at. */
function areClear(
  pixels: Uint8Array,
  { BitsAllocated, HighBit, PixelRepresentation }: CellBits,
  mask: number,
): boolean {
  // Words begin at addresses that are multiples of four. A cell before the first word is checked with the last cells.
  const lead = pixels.byteOffset % 4 === 2 && BitsAllocated < 32 && pixels.length > 2 ? 2 : 0
  const aligned = (pixels.byteOffset + lead) % 4 === 0 ? pixels : new Uint8Array(pixels)
  const words = new Int32Array(aligned.buffer, aligned.byteOffset + lead, (aligned.length - lead) >> 2)
  const rest = new Int32Array(2)
  const restBytes = new Uint8Array(rest.buffer)
  restBytes.set(aligned.subarray(lead + words.length * 4))
  restBytes.set(aligned.subarray(0, lead), 4)
  // What is set anywhere, and where a bit differs from the one above it.
  let [set, changes] = [rest[0]! | rest[1]!, (rest[0]! ^ (rest[0]! >>> 1)) | (rest[1]! ^ (rest[1]! >>> 1))]
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    set |= word
    changes |= word ^ (word >>> 1)
  }
  const each = (bits: number): number => {
    let repeated = bits
    for (let size = BitsAllocated; size < 32; size *= 2) repeated |= repeated << size
    return repeated
  }
  const top = 2 ** (BitsAllocated - 1)
  const upToHighBit = 2 ** (HighBit + 1) - 1
  if (PixelRepresentation === 0) return (set & ~each(mask)) === 0
  // Bits from the sign's up to the last but one must each be as the one above.
  const fromSign = (top - 1) & ~(upToHighBit >>> 1)
  return (set & each(upToHighBit & ~mask)) === 0 && (changes & each(fromSign)) === 0
}

/**
 * What each value of one byte of a cell becomes without its unused bits.
 * @param byte of the cell, from the least significant
 * @returns null when all its bits are used, or when its sign lies in another byte
 */
export function usedBits(cell: CellBits, byte: number): Uint8Array | null {
  const mask = pixelMask(cell)
  if (mask === null) return null
  const used = (mask >>> (byte * 8)) & 0xff
  const signed = cell.PixelRepresentation === 1 && byte * 8 + 7 > cell.HighBit
  if (used === 0xff || (signed && byte > cell.HighBit >> 3)) return null
  const sign = 1 << (cell.HighBit & 7)
  const above = signed ? 0xff & ~(sign * 2 - 1) : 0
  return Uint8Array.from({ length: 256 }, (_, value) => (value & used) | (signed && value & sign ? above : 0))
}
