/**
 * Reads the bits of an entropy-coded segment of JPEG and counts how many of its bytes were read (ISO 10918-1 F.2.2.5).
 */
import { unwalkable } from './bytes.ts'

/** The length of the longest Huffman code, in bits. */
const MAX_CODE_BITS = 16

/**
 * A lookup table by the next 16 bits. An entry is the symbol times 32 plus the length of its code; 0 where no code
 * begins with these bits.
 */
export type HuffmanTable = Uint16Array

/**
 * The lookup table for a set of Huffman codes.
 * @param counts how many codes have 1 to 16 bits
 * @param symbols in the order of their codes
 * @see ISO 10918-1 Annex C
 */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(1 << MAX_CODE_BITS)
  let first = 0
  let index = 0
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    for (let code = 0; code < counts[length - 1]!; code++) {
      const width = 1 << (MAX_CODE_BITS - length)
      if (first + width > table.length) throw unwalkable('jpeg codes')
      table.fill((symbols[index++]! << 5) | length, first, first + width)
      first += width
    }
  }
  return table
}

export class HuffmanBits {
  private readonly bytes: Uint8Array
  /** The position of the next byte that has not been read into the window. */
  private at: number
  private window = 0
  private count = 0
  /** How many bits of the window come from no byte: zeros after the end of the segment. */
  private paddedBits = 0

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes
    this.at = start
  }

  private fill(): void {
    while (this.count <= 16) {
      const byte = this.bytes[this.at]
      if (byte === undefined || (byte === 0xff && this.bytes[this.at + 1] !== 0)) {
        this.window <<= 8
        this.paddedBits += 8
      } else {
        this.window = (this.window << 8) | byte
        this.at += byte === 0xff ? 2 : 1
      }
      this.count += 8
    }
  }

  /** @param length 0 to 16 */
  read(length: number): number {
    if (this.count < length) this.fill()
    this.count -= length
    return (this.window >>> this.count) & ((1 << length) - 1)
  }

  symbol(table: HuffmanTable): number {
    if (this.count < MAX_CODE_BITS) this.fill()
    const entry = table[(this.window >>> (this.count - MAX_CODE_BITS)) & 0xffff]!
    if (entry === 0) throw unwalkable('jpeg code')
    this.count -= entry & 31
    return entry >> 5
  }

  /**
   * Ends the segment at the byte that holds the last bit that was read.
   * @returns the position of the next byte, and how many bits of the last byte are padding
   */
  end(): { readonly end: number; readonly padding: number } {
    if (this.count < this.paddedBits) throw unwalkable('jpeg scan ends early')
    const unreadBits = this.count - this.paddedBits
    for (let wholeBytes = unreadBits >> 3; wholeBytes > 0; wholeBytes--)
      this.at -= this.bytes[this.at - 1] === 0 && this.bytes[this.at - 2] === 0xff ? 2 : 1
    return { end: this.at, padding: unreadBits & 7 }
  }
}
