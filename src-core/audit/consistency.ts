/**
 * Proves that a log of n entries only continues an earlier log of m entries. It works on hashes and bytes only.
 * @see RFC 9162 2.1.4
 */
import { treeHead, EMPTY_TREE, nodeHash, sameBytes, type Hash } from './merkle-tree.ts'

/** The head of a tree and its number of entries, as a witness keeps them. */
export interface TreeHead {
  readonly entries: number
  readonly head: Uint8Array
}

/** The largest power of two below n, for n of at least 2. */
function splitOf(entries: number): number {
  let split = 1
  while (split * 2 < entries) split *= 2
  return split
}

/**
 * All complete subtrees of a tree. With these a proof needs a number of hashes that grows with the logarithm of the
 * entries.
 */
export class TreeNodes {
  readonly #hash: Hash
  /** For each height, the heads of the complete subtrees from left to right. */
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
      node = nodeHash(this.#hash, level.at(-2) as Uint8Array, node)
    }
  }

  /** The head of the tree over the first entries. */
  head(entries: number = this.entries): Uint8Array {
    return entries === 0 ? treeHead(this.#hash, EMPTY_TREE) : this.#range(0, entries)
  }

  /**
   * The proof that the first `from` of the first `to` entries are unchanged.
   * @throws RangeError
   */
  proof(from: number, to: number = this.entries): Uint8Array[] {
    if (from > to || to > this.entries) throw new RangeError('the log has fewer entries than that')
    return from === 0 || from === to ? [] : this.#subproof(from, 0, to, true)
  }

  /** SUBPROOF of RFC 9162. `hasHead` says whether the verifier has the head of exactly this range. */
  #subproof(oldEntries: number, start: number, size: number, hasHead: boolean): Uint8Array[] {
    if (oldEntries === size) return hasHead ? [] : [this.#range(start, size)]
    const split = splitOf(size)
    return oldEntries <= split
      ? [...this.#subproof(oldEntries, start, split, hasHead), this.#range(start + split, size - split)]
      : [...this.#subproof(oldEntries - split, start + split, size - split, false), this.#range(start, split)]
  }

  /**
   * The head of a range of the tree. The range starts at a multiple of the smallest power of two that is at least its
   * size.
   */
  #range(start: number, size: number): Uint8Array {
    const height = Math.log2(size)
    if (Number.isInteger(height)) return this.#levels[height]?.[start / size] as Uint8Array
    const split = splitOf(size)
    return nodeHash(this.#hash, this.#range(start, split), this.#range(start + split, size - split))
  }
}

/**
 * Whether the second head continues the first one. A proof of the wrong length is not valid.
 * @param before the head that the verifier keeps
 * @param after the head that the log states now
 * @see RFC 9162 2.1.4.2
 */
export function isContinuation(hash: Hash, before: TreeHead, after: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (before.entries > after.entries) return false
  if (before.entries === after.entries) return proof.length === 0 && sameBytes(before.head, after.head)
  if (before.entries === 0) return proof.length === 0 && sameBytes(before.head, treeHead(hash, EMPTY_TREE))
  // A complete tree is a node of every later tree, so the proof does not repeat its head.
  const path = Number.isInteger(Math.log2(before.entries)) ? [before.head, ...proof] : proof
  let firstNode = before.entries - 1
  let secondNode = after.entries - 1
  const moveToParents = (): void => {
    firstNode = Math.floor(firstNode / 2)
    secondNode = Math.floor(secondNode / 2)
  }
  while (firstNode % 2 === 1) moveToParents()
  const [start, ...steps] = path
  if (start === undefined) return false
  let first = start
  let second = start
  for (const step of steps) {
    if (secondNode === 0) return false
    if (firstNode % 2 === 1 || firstNode === secondNode) {
      first = nodeHash(hash, step, first)
      second = nodeHash(hash, step, second)
      while (firstNode % 2 === 0 && firstNode !== 0) moveToParents()
    } else second = nodeHash(hash, second, step)
    moveToParents()
  }
  return secondNode === 0 && sameBytes(first, before.head) && sameBytes(second, after.head)
}
