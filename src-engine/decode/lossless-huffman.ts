/**
 * Decodes the differences of lossless JPEG: a Huffman code for the number of bits, then the bits (ISO 10918-1 H.1.2.2).
 */
import { OutpostError } from '../../src-core/contract/errors.ts'

/** A code that takes no more bits than this, with its difference, is found by one lookup. */
const SHORT_BITS = 12

export class LosslessHuffman {
  /**
   * The lookup table by the next 12 bits: the difference times 64, plus the number of bits of code and difference; 0
   * when they take more bits or the code is invalid.
   */
  readonly short = new Int32Array(1 << SHORT_BITS)
  private readonly counts: Uint8Array
  private readonly sizes: Uint8Array

  /**
   * @param counts how many codes have 1 to 16 bits
   * @param sizes the numbers of bits that the codes stand for, in the order of the codes
   */
  constructor(counts: Uint8Array, sizes: Uint8Array) {
    this.counts = counts
    this.sizes = sizes
    for (let bits = 0; bits < this.short.length; bits++) {
      const code = this.find(bits << (32 - SHORT_BITS))
      if ((code & 63) <= SHORT_BITS) this.short[bits] = code
    }
  }

  /**
   * The entry for 32 bits whose code is too long for the lookup table, in the format of `short`.
   * @error decode-failed
   */
  long(window: number): number {
    const code = this.find(window)
    if (code === 0) throw new OutpostError('decode-failed', { reason: 'jpeg lossless code' })
    return code
  }

  /** @see ISO 10918-1 F.2.2.3, Annex C */
  private find(window: number): number {
    let least = 0
    let index = 0
    for (let length = 1; length <= 16; length++) {
      const count = this.counts[length - 1]!
      const offset = (window >>> (32 - length)) - least
      if (offset < count) return difference(window, length, this.sizes[index + offset]!)
      index += count
      least = (least + count) << 1
    }
    return 0
  }
}

function difference(window: number, length: number, size: number): number {
  if (size === 0) return length
  // A size of 16 has one difference only, so no bits follow.
  if (size === 16) return (32_768 << 6) | length
  if (size > 16) return 0
  const bits = (window << length) >>> (32 - size)
  const value = bits >> (size - 1) === 1 ? bits : bits - (1 << size) + 1
  return (value << 6) | (length + size)
}
