/** The bits of a JPEG-LS scan: after a byte of ones, the next byte holds seven (ISO 14495-1 9.1). */
import { OutpostError } from '../../src-core/contract/errors.ts'

export class JpegLsBits {
  private readonly bytes: Uint8Array
  private at: number
  /** Bits read ahead, from bit 31 down, and how many. In an array, since a property of 32 bits would be a number on the heap. */
  private readonly cache = new Int32Array(1)
  private valid = 0
  private afterOnes = false

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes
    this.at = start
  }

  private fill(): void {
    const { bytes } = this
    let { at, valid, afterOnes } = this
    let cache = this.cache[0]!
    while (valid <= 24 && at < bytes.length) {
      const byte = bytes[at]!
      if (afterOnes) {
        // A marker: the scan ends before it.
        if (byte > 127) break
        cache |= byte << (25 - valid)
        valid += 7
      } else {
        cache |= byte << (24 - valid)
        valid += 8
      }
      afterOnes = byte === 0xff
      at++
    }
    this.at = at
    this.valid = valid
    this.afterOnes = afterOnes
    this.cache[0] = cache
  }

  /** @param count 0 to 24 @error pixel-data-too-short */
  read(count: number): number {
    if (count === 0) return 0
    if (this.valid < count) {
      this.fill()
      if (this.valid < count) throw new OutpostError('pixel-data-too-short', { reason: 'jpeg-ls' })
    }
    const value = this.cache[0]! >>> (32 - count)
    this.cache[0]! <<= count
    this.valid -= count
    return value
  }

  /**
   * A number in limited-length Golomb code (A.5.3).
   * @param most zeros that announce a number of plainBits bits instead
   * @error decode-failed, pixel-data-too-short
   */
  golomb(k: number, most: number, plainBits: number): number {
    if (this.valid < 24) this.fill()
    const cache = this.cache[0]!
    const leading = Math.clz32(cache)
    const used = leading + 1 + k
    // Most numbers are short, and whole among the bits at hand.
    if (used <= this.valid && used < 32 && leading < most) {
      this.cache[0] = cache << used
      this.valid -= used
      return (leading << k) | (k === 0 ? 0 : (cache << (leading + 1)) >>> (32 - k))
    }
    return this.long(k, most, plainBits)
  }

  private long(k: number, most: number, plainBits: number): number {
    let zeros = 0
    for (;;) {
      if (this.valid === 0) {
        this.fill()
        if (this.valid === 0) throw new OutpostError('pixel-data-too-short', { reason: 'jpeg-ls' })
      }
      const found = Math.min(Math.clz32(this.cache[0]!), this.valid)
      zeros += found
      if (zeros > most) throw new OutpostError('decode-failed', { reason: 'jpeg-ls code' })
      if (found < this.valid) {
        // The one that ends the zeros goes too; 32 at once would shift by nothing.
        this.cache[0] = (this.cache[0]! << found) << 1
        this.valid -= found + 1
        break
      }
      this.cache[0] = 0
      this.valid = 0
    }
    return zeros < most ? (zeros << k) | this.read(k) : this.read(plainBits) + 1
  }

  /** Goes on behind the restart marker that is due here. @error decode-failed */
  restart(): void {
    this.at = this.nextMarker()
    const marker = this.bytes[this.at + 1] ?? 0
    if (marker < 0xd0 || marker > 0xd7) throw new OutpostError('decode-failed', { reason: 'jpeg-ls restart' })
    this.at += 2
    this.cache[0] = 0
    this.valid = 0
    this.afterOnes = false
  }

  /** Where the first marker after what was read begins; the end of the bytes when there is none. */
  nextMarker(): number {
    // Bits read ahead never go past a marker: it is at most five bytes back only if its first byte was read as ones.
    for (let at = Math.max(0, this.at - 1); at + 1 < this.bytes.length; at++) if (this.bytes[at] === 0xff && this.bytes[at + 1]! > 127) return at
    return this.bytes.length
  }
}
