/** Differences of lossless JPEG: a Huffman code for how many bits there are, then the bits (ISO 10918-1 H.1.2.2). */
import { OutpostError } from '../../src-core/contract/errors.ts'

/** Codes that take no more bits with their difference are found with one look. */
const SHORT_BITS = 12

export class LosslessHuffman {
  /**
   * By the next 12 bits: the difference times 64, and how many bits it took with its code; 0 where it takes more, or is
   * none.
   */
  readonly short = new Int32Array(1 << SHORT_BITS)
  private readonly counts: Uint8Array
  private readonly sizes: Uint8Array

  /** @param counts how many codes have 1 to 16 bits @param sizes what they stand for, in their order */
  constructor(counts: Uint8Array, sizes: Uint8Array) {
    this.counts = counts
    this.sizes = sizes
    for (let bits = 0; bits < this.short.length; bits++) {
      const code = this.find(bits << (32 - SHORT_BITS))
      if ((code & 63) <= SHORT_BITS) this.short[bits] = code
    }
  }

  /** The difference at the head of 32 bits, in the manner of short. @error decode-failed */
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
      const past = (window >>> (32 - length)) - least
      if (past < count) return difference(window, length, this.sizes[index + past]!)
      index += count
      least = (least + count) << 1
    }
    return 0
  }
}

function difference(window: number, length: number, size: number): number {
  if (size === 0) return length
  // Sixteen bits that are never written: there is one such difference only.
  if (size === 16) return (32_768 << 6) | length
  if (size > 16) return 0
  const bits = (window << length) >>> (32 - size)
  const value = bits >> (size - 1) === 1 ? bits : bits - (1 << size) + 1
  return (value << 6) | (length + size)
}
