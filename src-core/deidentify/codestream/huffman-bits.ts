/** The bits of an entropy-coded segment of JPEG, and how many bytes of it have been taken (ISO 10918-1 F.2.2.5). */
import { unwalkable } from './bytes.ts'

/** Bits of the longest Huffman code. */
const LONGEST = 16

/** By the next 16 bits: the symbol times 32, and the length of its code; 0 where no code begins so. */
export type HuffmanTable = Uint16Array

/**
 * @param counts how many codes have 1 to 16 bits
 * @param symbols in the order of their codes
 * @see ISO 10918-1 Annex C
 */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(1 << LONGEST)
  let first = 0
  let index = 0
  for (let length = 1; length <= LONGEST; length++) {
    for (let code = 0; code < counts[length - 1]!; code++) {
      const width = 1 << (LONGEST - length)
      if (first + width > table.length) throw unwalkable('jpeg codes')
      table.fill((symbols[index++]! << 5) | length, first, first + width)
      first += width
    }
  }
  return table
}

export class HuffmanBits {
  private readonly bytes: Uint8Array
  /** Of the next byte that has not been taken into the window. */
  private at: number
  private window = 0
  private count = 0
  /** Bits of the window that no byte holds: zeros after the end of the segment. */
  private invented = 0

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes
    this.at = start
  }

  private fill(): void {
    while (this.count <= 16) {
      const byte = this.bytes[this.at]
      if (byte === undefined || (byte === 0xff && this.bytes[this.at + 1] !== 0)) {
        this.window <<= 8
        this.invented += 8
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
    if (this.count < LONGEST) this.fill()
    const entry = table[(this.window >>> (this.count - LONGEST)) & 0xffff]!
    if (entry === 0) throw unwalkable('jpeg code')
    this.count -= entry & 31
    return entry >> 5
  }

  /**
   * Ends the segment at the byte that holds the last bit taken.
   * @returns where the byte after it begins, and how many bits of it are padding
   */
  end(): { readonly end: number; readonly padding: number } {
    if (this.count < this.invented) throw unwalkable('jpeg scan ends early')
    const left = this.count - this.invented
    for (let whole = left >> 3; whole > 0; whole--)
      this.at -= this.bytes[this.at - 1] === 0 && this.bytes[this.at - 2] === 0xff ? 2 : 1
    return { end: this.at, padding: left & 7 }
  }
}
