/**
 * The tree hash of a sealed part: the Merkle tree hash of RFC 9162 2.1.1 with SHA-256 over leaves of 1 MiB. It can be
 * computed while the part is received, and continued from any whole number of leaves.
 */
import { createHash, type Hash } from 'node:crypto'
import { EMPTY_TREE, treeHead, withLeaf, type GrowingTree } from '../../src-core/audit/merkle-tree.ts'
import { sha256 } from '../audit/sha256.ts'

/** Bytes of a leaf; only the last leaf of a part may be shorter. */
export const LEAF_BYTES = 2 ** 20

const LEAF_PREFIX = Uint8Array.of(0)

export interface PartTree {
  /** Adds the bytes that follow. */
  update(bytes: Uint8Array): void
  /** The tree of all leaves so far; a last short leaf is closed, after which nothing may be added. */
  close(): GrowingTree
}

/** @param start the tree of the bytes before, which are whole leaves */
export function partTree(start: GrowingTree = EMPTY_TREE): PartTree {
  let tree = start
  let leaf: Hash | null = null
  let leafBytes = 0

  function closeLeaf(): void {
    if (leaf === null) return
    tree = withLeaf(sha256, tree, leaf.digest())
    leaf = null
    leafBytes = 0
  }

  return {
    update(bytes) {
      for (let at = 0; at < bytes.length; ) {
        leaf ??= createHash('sha256').update(LEAF_PREFIX)
        const piece = bytes.subarray(at, at + LEAF_BYTES - leafBytes)
        leaf.update(piece)
        leafBytes += piece.length
        at += piece.length
        if (leafBytes === LEAF_BYTES) closeLeaf()
      }
    },
    close() {
      closeLeaf()
      return tree
    },
  }
}

/** Lower-case hex of the tree's hash. */
export const treeHashOf = (tree: GrowingTree): string => Buffer.from(treeHead(sha256, tree)).toString('hex')
