/**
 * What the logs of workstation and relay have in common: how the tree over the entries is stored, and how a log is
 * checked entry by entry against that tree and against heads that somebody else keeps.
 */
import { EMPTY_TREE, leafHash, sameBytes, treeHead, withLeaf, type GrowingTree, type Hash } from './merkle-tree.ts'
import type { TreeHead } from './consistency.ts'

const HASH_BYTES = 32
const utf8 = new TextEncoder()

/** The tree as a row: its complete subtrees one after the other, from large to small. */
export interface StoredTree {
  readonly entries: number
  readonly subtrees: Uint8Array
  readonly head: Uint8Array
}

export interface LogEntryRow {
  readonly entryIndex: number
  readonly entry: string
  readonly leafHash: Uint8Array
}

export function readTree(row: StoredTree | undefined): GrowingTree {
  if (row === undefined) return EMPTY_TREE
  const subtrees: Uint8Array[] = []
  for (let start = 0; start < row.subtrees.length; start += HASH_BYTES)
    subtrees.push(row.subtrees.subarray(start, start + HASH_BYTES))
  return { entries: row.entries, subtrees }
}

export function storedTree(hash: Hash, tree: GrowingTree): StoredTree {
  const subtrees = new Uint8Array(tree.subtrees.length * HASH_BYTES)
  tree.subtrees.forEach((head, index) => subtrees.set(head, index * HASH_BYTES))
  return { entries: tree.entries, subtrees, head: treeHead(hash, tree) }
}

/** The rows that new entries make, and the tree over all. */
export function appended(
  hash: Hash,
  before: GrowingTree,
  lines: readonly string[],
): { rows: LogEntryRow[]; tree: StoredTree } {
  let tree = before
  const rows = lines.map((entry): LogEntryRow => {
    const leaf = leafHash(hash, utf8.encode(entry))
    const row = { entryIndex: tree.entries, entry, leafHash: leaf }
    tree = withLeaf(hash, tree, leaf)
    return row
  })
  return { rows, tree: storedTree(hash, tree) }
}

export interface LogProof {
  readonly entries: number
  /** Of the tree over the entries as they are now, in hex. */
  readonly head: string
  readonly ok: boolean
  /** Of the first entry that is not what it was, or that is missing; null when none is. */
  readonly firstBroken: number | null
  /** How the log stands to the head that somebody else keeps; null when there is none. */
  readonly witnessed: 'agrees' | 'shorter' | 'differs' | null
}

/** Recomputes every hash from the entries' text. It is given the rows in their order, then asked for the result. */
export class LogCheck {
  readonly #hash: Hash
  readonly #witnessed: TreeHead | null
  #tree = EMPTY_TREE
  #firstBroken: number | null = null
  #agreed = false

  constructor(hash: Hash, witnessed: TreeHead | null) {
    this.#hash = hash
    this.#witnessed = witnessed
    this.#compare()
  }

  add(row: LogEntryRow): void {
    const leaf = leafHash(this.#hash, utf8.encode(row.entry))
    const asItWas = row.entryIndex === this.#tree.entries && sameBytes(row.leafHash, leaf)
    if (!asItWas) this.#firstBroken ??= this.#tree.entries
    this.#tree = withLeaf(this.#hash, this.#tree, leaf)
    this.#compare()
  }

  result(known: StoredTree | undefined): LogProof {
    const { entries } = this.#tree
    const computed = storedTree(this.#hash, this.#tree)
    const knownEntries = known?.entries ?? 0
    const firstBroken = this.#firstBroken ?? (entries === knownEntries ? null : Math.min(entries, knownEntries))
    const sameTree =
      known === undefined
        ? entries === 0
        : sameBytes(known.head, computed.head) && sameBytes(known.subtrees, computed.subtrees)
    return {
      entries,
      head: hex(computed.head),
      ok: firstBroken === null && sameTree,
      firstBroken,
      witnessed: this.#standing(),
    }
  }

  #compare(): void {
    const witnessed = this.#witnessed
    if (witnessed?.entries !== this.#tree.entries) return
    this.#agreed = sameBytes(witnessed.head, treeHead(this.#hash, this.#tree))
  }

  #standing(): LogProof['witnessed'] {
    if (this.#witnessed === null) return null
    if (this.#witnessed.entries > this.#tree.entries) return 'shorter'
    return this.#agreed ? 'agrees' : 'differs'
  }
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
