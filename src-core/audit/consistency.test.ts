import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isContinuation, TreeNodes } from './consistency.ts'
import { EMPTY_TREE, leafHash, treeHead, withLeaf, type Hash } from './merkle-tree.ts'

const sha256: Hash = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const leafOf = (text: string): Uint8Array => leafHash(sha256, new TextEncoder().encode(text))

function grown(texts: readonly string[]): TreeNodes {
  const nodes = new TreeNodes(sha256)
  for (const text of texts) nodes.add(leafOf(text))
  return nodes
}
const entries = Array.from({ length: 70 }, (_, index) => `entry ${index}`)
const nodes = grown(entries)
const headAt = (count: number) => ({ entries: count, head: nodes.head(count) })

describe('W7: consistency of two heads', () => {
  it('W7: the head of any first entries is the one of the tree that grows leaf by leaf', () => {
    let tree = EMPTY_TREE
    for (let count = 0; count <= entries.length; count += 1) {
      expect(nodes.head(count)).toEqual(treeHead(sha256, tree))
      tree = withLeaf(sha256, tree, leafOf(`entry ${count}`))
    }
  })

  it('W7: every later head continues every earlier one', () => {
    for (let to = 0; to <= entries.length; to += 1)
      for (let from = 0; from <= to; from += 1)
        expect(isContinuation(sha256, headAt(from), headAt(to), nodes.proof(from, to)), `${from} to ${to}`).toBe(true)
  })

  it('W7: a log with another entry before the first head cannot prove that it continues it', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 70 }), fc.nat(69), fc.nat(69))
    fc.assert(
      fc.property(sizes, ([to, fromSeed, changedSeed]) => {
        const from = 1 + (fromSeed % to)
        const changed = changedSeed % from
        const other = grown(entries.map((text, index) => (index === changed ? 'rewritten' : text)))
        const after = { entries: to, head: other.head(to) }
        expect(isContinuation(sha256, headAt(from), after, other.proof(from, to))).toBe(false)
        expect(isContinuation(sha256, headAt(from), after, nodes.proof(from, to))).toBe(false)
      }),
    )
  })

  it('W7: a proof with one hash more, less, or other is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 70 }), fc.nat(68), fc.nat(), (to, fromSeed, placeSeed) => {
        const from = 1 + (fromSeed % (to - 1))
        const proof = nodes.proof(from, to)
        const place = placeSeed % proof.length
        const wrong = [
          [...proof, leafOf('more')],
          proof.filter((_, index) => index !== place),
          proof.map((hash, index) => (index === place ? leafOf('other') : hash)),
        ]
        for (const each of wrong) expect(isContinuation(sha256, headAt(from), headAt(to), each)).toBe(false)
      }),
    )
  })

  it('W7: an emptied or shortened log continues nothing', () => {
    expect(isContinuation(sha256, headAt(5), headAt(0), [])).toBe(false)
    expect(isContinuation(sha256, headAt(5), headAt(4), nodes.proof(4, 5))).toBe(false)
    expect(() => nodes.proof(71)).toThrow(RangeError)
  })
})
