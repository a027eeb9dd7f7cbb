/**
 * Proves that a log of n entries only continues the log of m entries that somebody saw before. Hashes and bytes only.
 * @see RFC 9162 2.1.4
 */
import { treeHead, EMPTY_TREE, joined, sameBytes, type Hash } from './merkle-tree.ts'

/** A tree head as it is told to somebody who keeps it. */
export interface TreeHead {
  readonly entries: number
  readonly head: Uint8Array
}

/** The largest power of two below n, for n of at least 2. */
function splitOf(n: number): number {
  let split = 1
  while (split * 2 < n) split *= 2
  return split
}

/** All complete subtrees of a tree, so that any proof costs a number of hashes that grows with the logarithm. */
export class TreeNodes {
  readonly #hash: Hash
  /** Of each height: the heads of the complete subtrees, from the left. */
  readonly #levels: Uint8Array[][] = []

  constructor(hash: Hash) {
    this.#hash = hash
  }

  get entries(): number {
    return this.#levels[0]?.length ?? 0
  }

  add(leaf: Uint8Array): void {
    let node = leaf
    for (let height = 0; ; height += 1) {
      const level = (this.#levels[height] ??= [])
      level.push(node)
      if (level.length % 2 === 1) return
      node = joined(this.#hash, level.at(-2) as Uint8Array, node)
    }
  }

  /** Head of the tree over the first entries. */
  head(entries: number = this.entries): Uint8Array {
    return entries === 0 ? treeHead(this.#hash, EMPTY_TREE) : this.#range(0, entries)
  }

  /** What shows that the first `from` of the first `to` entries are the log as it was. @throws RangeError */
  proof(from: number, to: number = this.entries): Uint8Array[] {
    if (from > to || to > this.entries) throw new RangeError('the log has fewer entries than that')
    return from === 0 || from === to ? [] : this.#subproof(from, 0, to, true)
  }

  /** The name SUBPROOF is RFC 9162's; `known` says that the verifier has the head of this very range. */
  #subproof(m: number, start: number, size: number, known: boolean): Uint8Array[] {
    if (m === size) return known ? [] : [this.#range(start, size)]
    const split = splitOf(size)
    return m <= split
      ? [...this.#subproof(m, start, split, known), this.#range(start + split, size - split)]
      : [...this.#subproof(m - split, start + split, size - split, false), this.#range(start, split)]
  }

  /** A range as the tree has it: it starts at a multiple of the power of two that its size needs. */
  #range(start: number, size: number): Uint8Array {
    const height = Math.log2(size)
    if (Number.isInteger(height)) return this.#levels[height]?.[start / size] as Uint8Array
    const split = splitOf(size)
    return joined(this.#hash, this.#range(start, split), this.#range(start + split, size - split))
  }
}

/**
 * Whether the second head continues the first one. With a proof of the wrong length the answer is no.
 * @param before what the verifier keeps
 * @param after what the log says of itself now
 * @see RFC 9162 2.1.4.2
 */
export function isContinuation(hash: Hash, before: TreeHead, after: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (before.entries > after.entries) return false
  if (before.entries === after.entries) return proof.length === 0 && sameBytes(before.head, after.head)
  if (before.entries === 0) return proof.length === 0 && sameBytes(before.head, treeHead(hash, EMPTY_TREE))
  // A complete tree is a node of every later tree, so its head is not repeated in the proof.
  const path = Number.isInteger(Math.log2(before.entries)) ? [before.head, ...proof] : proof
  let firstNode = before.entries - 1
  let secondNode = after.entries - 1
  const half = (): void => {
    firstNode = Math.floor(firstNode / 2)
    secondNode = Math.floor(secondNode / 2)
  }
  while (firstNode % 2 === 1) half()
  const [start, ...steps] = path
  if (start === undefined) return false
  let first = start
  let second = start
  for (const step of steps) {
    if (secondNode === 0) return false
    if (firstNode % 2 === 1 || firstNode === secondNode) {
      first = joined(hash, step, first)
      second = joined(hash, step, second)
      while (firstNode % 2 === 0 && firstNode !== 0) half()
    } else second = joined(hash, second, step)
    half()
  }
  return secondNode === 0 && sameBytes(first, before.head) && sameBytes(second, after.head)
}
