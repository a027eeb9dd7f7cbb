import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY_TREE, leafHash, treeHead, withLeaf, type Hash } from './merkle-tree.ts'

/** The prefixes of leaves and nodes as numbers, and all other bytes as text. */
const partText = (part: Uint8Array): string =>
  part.length === 1 && (part[0] ?? 9) < 2 ? `${part[0]}:` : new TextDecoder().decode(part)
/** A readable replacement for a hash, which shows the bytes that were hashed together. */
const shown: Hash = (...parts) => new TextEncoder().encode(`(${parts.map(partText).join(',')})`)
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The definition of RFC 9162 2.1.1: the list is split at the largest power of two below n. */
function recursive(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return shown()
  if (leaves.length === 1) return leaves[0] as Uint8Array
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return shown(Uint8Array.of(1), recursive(leaves.slice(0, split)), recursive(leaves.slice(split)))
}

describe('W7: the Merkle tree', () => {
  it('a leaf is hashed with its prefix', () =>
    expect(text(leafHash(shown, new TextEncoder().encode('entry')))).toBe('(0:,entry)'))

  it('grown leaf by leaf it has the head of the recursive definition', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70 }), (count) => {
        const leaves = Array.from({ length: count }, (_, index) => new TextEncoder().encode(`L${index}`))
        const tree = leaves.reduce((grown, leaf) => withLeaf(shown, grown, leaf), EMPTY_TREE)
        expect(tree.entries).toBe(count)
        expect(text(treeHead(shown, tree))).toBe(text(recursive(leaves)))
      }),
    )
  })
})
