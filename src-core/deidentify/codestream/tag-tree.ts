/** Reads the bits of a JPEG 2000 packet header, and the tag trees in it (ISO 15444-1 B.10.1, B.10.2). */

export class HeaderBits {
  private readonly bytes: Uint8Array
  private at: number
  private byte = 0
  private bitsLeft = 0

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes
    this.at = start
  }

  /**
   * Reads one bit. After a byte of ones the highest bit of the next byte is stuffed and skipped. Zeros follow after the
   * end.
   */
  bit(): number {
    if (this.bitsLeft === 0) {
      this.bitsLeft = this.byte === 0xff ? 7 : 8
      this.byte = this.bytes[this.at++] ?? 0
    }
    this.bitsLeft--
    return (this.byte >> this.bitsLeft) & 1
  }

  /**
   * Reads several bits.
   * @param count up to 31. Of a larger number, which no valid header needs, the highest bits are dropped
   */
  bits(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++) value = ((value << 1) | this.bit()) & 0x7fffffff
    return value
  }

  /** The position of the first byte after the header. */
  end(): number {
    return this.byte === 0xff ? this.at + 1 : this.at
  }
}

interface Node {
  readonly parent: Node | null
  /** The value is known to be at least this number. */
  least: number
  known: boolean
}

export class TagTree {
  private readonly leaves: readonly Node[]

  constructor(width: number, height: number) {
    this.leaves = nodesOfLevel(width, height)
  }

  /** Whether the value of a leaf is below the threshold. It reads as many bits as are needed to decide. */
  isBelow(bits: HeaderBits, leaf: number, threshold: number): boolean {
    const path: Node[] = []
    for (let node: Node | null = this.leaves[leaf]!; node; node = node.parent) path.push(node)
    let least = 0
    for (const node of path.reverse()) {
      node.least = Math.max(node.least, least)
      while (!node.known && node.least < threshold) {
        if (bits.bit() === 1) node.known = true
        else node.least++
      }
      least = node.least
    }
    const [leafNode] = path.slice(-1)
    return leafNode!.known && leafNode!.least < threshold
  }
}

/** The nodes of a level. Four of them share one node of the next level, up to the root. */
function nodesOfLevel(width: number, height: number): Node[] {
  const across = Math.ceil(width / 2)
  const parents = width * height > 1 ? nodesOfLevel(across, Math.ceil(height / 2)) : []
  return Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)]
    return { parent: parents[(y >> 1) * across + (x >> 1)] ?? null, least: 0, known: false }
  })
}
