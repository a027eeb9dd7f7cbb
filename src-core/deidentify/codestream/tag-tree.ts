/** Bits of a JPEG 2000 packet header, and the tag trees that are read from them (ISO 15444-1 B.10.1, B.10.2). */

export class HeaderBits {
  private readonly bytes: Uint8Array
  private at: number
  private byte = 0
  private left = 0

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes
    this.at = start
  }

  /** After a byte of ones the highest bit of the next is stuffed. Zeros follow the end. */
  bit(): number {
    if (this.left === 0) {
      this.left = this.byte === 0xff ? 7 : 8
      this.byte = this.bytes[this.at++] ?? 0
    }
    this.left--
    return (this.byte >> this.left) & 1
  }

  /** @param count up to 31; what honest headers never ask for is read over */
  bits(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++) value = ((value << 1) | this.bit()) & 0x7fffffff
    return value
  }

  /** Where the first byte after the header begins. */
  end(): number {
    return this.byte === 0xff ? this.at + 1 : this.at
  }
}

interface Node {
  readonly parent: Node | null
  /** What is known: the value is no smaller. */
  least: number
  known: boolean
}

export class TagTree {
  private readonly leaves: readonly Node[]

  constructor(width: number, height: number) {
    this.leaves = level(width, height)
  }

  /** Whether the value of a leaf is below the threshold; reads as many bits as that takes. */
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

/** Nodes of a level; four of them share one of the next, up to the root. */
function level(width: number, height: number): Node[] {
  const across = Math.ceil(width / 2)
  const parents = width * height > 1 ? level(across, Math.ceil(height / 2)) : []
  return Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)]
    return { parent: parents[(y >> 1) * across + (x >> 1)] ?? null, least: 0, known: false }
  })
}
