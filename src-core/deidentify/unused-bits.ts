/**
 * Clears bits of a pixel cell that hold no pixel. Viewers do not show them, so they may hold anything, such as overlays
 * of old devices (retired, PS3.3 C.9.2) or text. They get the value that readers expect: zeros, or copies of the sign
 * bit.
 */
import type { PixelDescription } from '../dicom/pixels/description.ts'

export type CellBits = Pick<PixelDescription, 'BitsAllocated' | 'BitsStored' | 'HighBit' | 'PixelRepresentation'>

/** The bits of a cell that hold the pixel; null when all bits do, or when the description is invalid. */
function pixelMask({ BitsAllocated, BitsStored, HighBit }: CellBits): number | null {
  if (BitsAllocated !== 8 && BitsAllocated !== 16 && BitsAllocated !== 32) return null
  if (BitsStored >= BitsAllocated || BitsStored < 1 || HighBit < BitsStored - 1 || HighBit >= BitsAllocated) return null
  return (2 ** BitsStored - 1) * 2 ** (HighBit + 1 - BitsStored)
}

/**
 * Native little endian pixels with their unused bits cleared.
 * @returns the same bytes when the bits are clear already, else a copy
 * @see PS3.5 8.1.1
 */
export function clearUnusedBits(pixels: Uint8Array, cell: CellBits): Uint8Array {
  const mask = pixelMask(cell)
  if (mask === null || areClear(pixels, cell, mask)) return pixels
  const size = cell.BitsAllocated / 8
  const signBit = cell.HighBit
  const signExtension = cell.PixelRepresentation === 1 ? ~((2 ** (signBit + 1) - 1) | 0) : 0
  const cleared = new Uint8Array(pixels)
  for (let at = 0; at + size <= cleared.length; at += size) {
    const negative = (cleared[at + (signBit >> 3)]! >> (signBit & 7)) & 1
    for (let byte = 0; byte < size; byte++) {
      const usedPart = cleared[at + byte]! & (mask >>> (byte * 8))
      cleared[at + byte] = negative === 1 ? usedPart | (signExtension >>> (byte * 8)) : usedPart
    }
  }
  return cleared
}

/**
 * Whether the unused bits are clear. It reads four bytes at once, because every slice of a series is checked and most
 * have nothing to clear.
 */
function areClear(
  pixels: Uint8Array,
  { BitsAllocated, HighBit, PixelRepresentation }: CellBits,
  mask: number,
): boolean {
  // Words begin at addresses that are multiples of four. A cell before the first word is checked with the last cells.
  const leadBytes = pixels.byteOffset % 4 === 2 && BitsAllocated < 32 && pixels.length > 2 ? 2 : 0
  const aligned = (pixels.byteOffset + leadBytes) % 4 === 0 ? pixels : new Uint8Array(pixels)
  const words = new Int32Array(aligned.buffer, aligned.byteOffset + leadBytes, (aligned.length - leadBytes) >> 2)
  const remainingCells = new Int32Array(2)
  const remainingBytes = new Uint8Array(remainingCells.buffer)
  remainingBytes.set(aligned.subarray(leadBytes + words.length * 4))
  remainingBytes.set(aligned.subarray(0, leadBytes), 4)
  // The bits that are set in any word, and the bits that differ from the next higher bit in any word.
  let [setBits, changedBits] = [
    remainingCells[0]! | remainingCells[1]!,
    (remainingCells[0]! ^ (remainingCells[0]! >>> 1)) | (remainingCells[1]! ^ (remainingCells[1]! >>> 1)),
  ]
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    setBits |= word
    changedBits |= word ^ (word >>> 1)
  }
  const inEveryCell = (bits: number): number => {
    let repeated = bits
    for (let size = BitsAllocated; size < 32; size *= 2) repeated |= repeated << size
    return repeated
  }
  const topBit = 2 ** (BitsAllocated - 1)
  const upToHighBit = 2 ** (HighBit + 1) - 1
  if (PixelRepresentation === 0) return (setBits & ~inEveryCell(mask)) === 0
  // Every bit from the sign bit up to the last but one must equal the next higher bit.
  const fromSign = (topBit - 1) & ~(upToHighBit >>> 1)
  return (setBits & inEveryCell(upToHighBit & ~mask)) === 0 && (changedBits & inEveryCell(fromSign)) === 0
}

/**
 * A table of the values that one byte of a cell has after its unused bits are cleared.
 * @param byte index of the byte in the cell, from the least significant one
 * @returns null when all its bits are used, or when its sign is in another byte
 */
export function usedBits(cell: CellBits, byte: number): Uint8Array | null {
  const mask = pixelMask(cell)
  if (mask === null) return null
  const usedMask = (mask >>> (byte * 8)) & 0xff
  const signed = cell.PixelRepresentation === 1 && byte * 8 + 7 > cell.HighBit
  if (usedMask === 0xff || (signed && byte > cell.HighBit >> 3)) return null
  const signMask = 1 << (cell.HighBit & 7)
  const signExtension = signed ? 0xff & ~(signMask * 2 - 1) : 0
  return Uint8Array.from(
    { length: 256 },
    (_, value) => (value & usedMask) | (signed && value & signMask ? signExtension : 0),
  )
}
