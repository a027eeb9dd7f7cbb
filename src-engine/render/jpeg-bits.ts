/**
 * The bytes of an entropy-coded segment: after each byte of ones stands a zero, so that none looks like a marker (ISO
 * 10918-1 B.1.1.5).
 */
export class JpegBits {
  private bytes = new Uint8Array(32 * 1024)
  private length = 0
  /** Bits that wait for others, from bit 31 down, and how many. */
  private rest = 0
  private waiting = 0

  /**
   * @param codes from bit 0 up, nothing above their bits
   * @param lengths their bits, at most 31
   */
  put(codes: Int32Array, lengths: Uint8Array, count: number): void {
    // Four bytes of ones at worst for each code, each with its zero, and what waited.
    const bytes = this.room(8 * count + 8)
    let { length, rest, waiting } = this
    for (let i = 0; i < count; i++) {
      const over = waiting + lengths[i]! - 32
      if (over < 0) {
        rest |= codes[i]! << -over
        waiting = over + 32
        continue
      }
      const word = rest | (codes[i]! >>> over)
      const a = word >>> 24,
        b = (word >>> 16) & 255,
        c = (word >>> 8) & 255,
        d = word & 255
      bytes[length++] = a
      if (a === 255) bytes[length++] = 0
      bytes[length++] = b
      if (b === 255) bytes[length++] = 0
      bytes[length++] = c
      if (c === 255) bytes[length++] = 0
      bytes[length++] = d
      if (d === 255) bytes[length++] = 0
      rest = over === 0 ? 0 : codes[i]! << (32 - over)
      waiting = over
    }
    this.length = length
    this.rest = rest
    this.waiting = waiting
  }

  /** All that was put, filled up with ones to whole bytes (F.1.2.3); ready for the next segment then. */
  take(): Uint8Array {
    const bytes = this.room(8)
    const left = this.rest | (this.waiting < 32 ? -1 >>> this.waiting : 0)
    for (let bit = 0; bit < this.waiting; bit += 8) {
      const byte = (left >>> (24 - bit)) & 255
      bytes[this.length++] = byte
      if (byte === 255) bytes[this.length++] = 0
    }
    const taken = bytes.slice(0, this.length)
    this.length = 0
    this.rest = 0
    this.waiting = 0
    return taken
  }

  private room(more: number): Uint8Array {
    if (this.length + more > this.bytes.length) {
      const larger = new Uint8Array(2 * this.bytes.length + more)
      larger.set(this.bytes.subarray(0, this.length))
      this.bytes = larger
    }
    return this.bytes
  }
}
