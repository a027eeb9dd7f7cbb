/**
 * Functions that the audit logs of workstation and relay share: storing the tree over the entries, and checking a log
 * entry by entry against that tree and against a head that a witness keeps.
 */
import { EMPTY_TREE, leafHash, sameBytes, treeHead, withLeaf, type GrowingTree, type Hash } from './merkle-tree.ts'
import type { TreeHead } from './consistency.ts'

const HASH_BYTES = 32
const utf8 = new TextEncoder()

/** The tree as a database row: the heads of its complete subtrees, from large to small. */
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

/** The rows of new entries, and the tree over all entries. */
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
  /** The head of the tree over the current entries, in hex. */
  readonly head: string
  readonly ok: boolean
  /** The index of the first entry that was changed or is missing; null when there is none. */
  readonly firstBroken: number | null
  /** The comparison with the head that a witness keeps; null when there is no such head. */
  readonly witnessed: 'agrees' | 'shorter' | 'differs' | null
}

/**
 * Recomputes every hash from the texts of the entries. The caller adds the rows in their order, then reads the result.
 */
export class LogCheck {
  readonly #hash: Hash
  readonly #witnessed: TreeHead | null
  #tree = EMPTY_TREE
  #firstBroken: number | null = null
  #agreesWithWitness = false

  constructor(hash: Hash, witnessed: TreeHead | null) {
    this.#hash = hash
    this.#witnessed = witnessed
    this.#compare()
  }

  add(row: LogEntryRow): void {
    const leaf = leafHash(this.#hash, utf8.encode(row.entry))
    const isUnchanged = row.entryIndex === this.#tree.entries && sameBytes(row.leafHash, leaf)
    if (!isUnchanged) this.#firstBroken ??= this.#tree.entries
    this.#tree = withLeaf(this.#hash, this.#tree, leaf)
    this.#compare()
  }

  result(stored: StoredTree | undefined): LogProof {
    const { entries } = this.#tree
    const computed = storedTree(this.#hash, this.#tree)
    const storedEntries = stored?.entries ?? 0
    const firstBroken = this.#firstBroken ?? (entries === storedEntries ? null : Math.min(entries, storedEntries))
    const sameTree =
      stored === undefined
        ? entries === 0
        : sameBytes(stored.head, computed.head) && sameBytes(stored.subtrees, computed.subtrees)
    return {
      entries,
      head: hex(computed.head),
      ok: firstBroken === null && sameTree,
      firstBroken,
      witnessed: this.#comparison(),
    }
  }

  #compare(): void {
    const witnessed = this.#witnessed
    if (witnessed?.entries !== this.#tree.entries) return
    this.#agreesWithWitness = sameBytes(witnessed.head, treeHead(this.#hash, this.#tree))
  }

  #comparison(): LogProof['witnessed'] {
    if (this.#witnessed === null) return null
    if (this.#witnessed.entries > this.#tree.entries) return 'shorter'
    return this.#agreesWithWitness ? 'agrees' : 'differs'
  }
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
