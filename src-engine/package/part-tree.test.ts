import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LEAF_BYTES, partTree, treeHashOf } from './part-tree.ts'

const hashed = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()

/** RFC 9162 2.1.1 as it is written: split at the largest power of two below the number of leaves. */
function recursive(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 1) return hashed(Uint8Array.of(0), leaves[0]!)
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return hashed(Uint8Array.of(1), recursive(leaves.slice(0, split)), recursive(leaves.slice(split)))
}

const leavesOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / LEAF_BYTES) }, (_, index) =>
    bytes.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES),
  )

const bytes = randomBytes(5 * LEAF_BYTES + 17)

describe('S4: the tree hash of a part', () => {
  it.each([1, LEAF_BYTES, LEAF_BYTES + 1, 3 * LEAF_BYTES, bytes.length])(
    'S4: of %i bytes is that of RFC 9162',
    (size) => {
      const tree = partTree()
      tree.update(bytes.subarray(0, size))
      expect(treeHashOf(tree.close())).toBe(recursive(leavesOf(bytes.subarray(0, size))).toString('hex'))
    },
  )

  it('S4: is the same whatever the pieces, and continued after whole leaves', () => {
    const expected = recursive(leavesOf(bytes)).toString('hex')
    const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 6 })
    fc.assert(
      fc.property(cuts, fc.integer({ min: 0, max: 5 }), (at, leaves) => {
        const before = partTree()
        before.update(bytes.subarray(0, leaves * LEAF_BYTES))
        const tree = partTree(before.close())
        const rest = bytes.subarray(leaves * LEAF_BYTES)
        const edges = [0, ...at.filter((cut) => cut < rest.length).sort((one, other) => one - other), rest.length]
        for (const [index, edge] of edges.slice(1).entries()) tree.update(rest.subarray(edges[index]!, edge))
        expect(treeHashOf(tree.close())).toBe(expected)
      }),
      { numRuns: 30 },
    )
  })
})
