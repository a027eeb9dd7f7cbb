/**
 * The Merkle tree of RFC 9162 section 2.1, which grows leaf by leaf. It works on hashes and bytes only; the hash
 * function is passed in.
 */

/** SHA-256 over the concatenation of the given bytes. */
export type Hash = (...parts: readonly Uint8Array[]) => Uint8Array

const LEAF_PREFIX = Uint8Array.of(0x00)
const NODE_PREFIX = Uint8Array.of(0x01)

/**
 * The hash of one entry. Its prefix prevents that a leaf is taken for an inner node.
 * @see RFC 9162 2.1.1
 */
export function leafHash(hash: Hash, entry: Uint8Array): Uint8Array {
  return hash(LEAF_PREFIX, entry)
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}

/** The head of a tree of two subtrees. */
export function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(NODE_PREFIX, left, right)
}

/**
 * A tree of n leaves, as the heads of its complete subtrees from the largest to the smallest. There is one for each bit
 * that is set in n.
 */
export interface GrowingTree {
  readonly entries: number
  readonly subtrees: readonly Uint8Array[]
}

export const EMPTY_TREE: GrowingTree = { entries: 0, subtrees: [] }

/** The tree with one more leaf. Subtrees of equal size at the end are nodeHash, like carries in a binary counter. */
export function withLeaf(hash: Hash, tree: GrowingTree, leaf: Uint8Array): GrowingTree {
  const subtrees = tree.subtrees.slice()
  let head = leaf
  for (let carry = tree.entries; carry % 2 === 1; carry = Math.floor(carry / 2))
    head = nodeHash(hash, subtrees.pop() as Uint8Array, head)
  subtrees.push(head)
  return { entries: tree.entries + 1, subtrees }
}

/**
 * The Merkle tree hash: the heads of the complete subtrees, nodeHash from the right. The head of an empty tree is the
 * hash of no bytes.
 * @see RFC 9162 2.1.1
 */
export function treeHead(hash: Hash, tree: GrowingTree): Uint8Array {
  if (tree.subtrees.length === 0) return hash()
  return tree.subtrees.reduceRight((right, left) => nodeHash(hash, left, right))
}
