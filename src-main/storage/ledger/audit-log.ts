/**
 * The audit log: appended to inside the transaction of what it tells of, never changed, and proven by a Merkle tree
 * over its entries.
 */
import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import { entryText, type AuditEntry } from '../../../src-core/audit/audit-entry.ts'
import {
  EMPTY_TREE,
  leafHash,
  treeHead,
  withLeaf,
  type GrowingTree,
  type Hash,
} from '../../../src-core/audit/merkle-tree.ts'

export interface StoredAuditEntry {
  readonly index: number
  readonly entry: AuditEntry
  readonly leafHash: string
}
export interface AuditProof {
  readonly entries: number
  /** Head of the tree over the entries as they are now, in hex. */
  readonly head: string
  readonly ok: boolean
  /** Of the first entry that is not what it was, or that is missing; null when none is. */
  readonly firstBroken: number | null
}

const sha256: Hash = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const text = new TextEncoder()

interface TreeRow {
  entries: number
  subtrees: Buffer
  head: Buffer
}
interface EntryRow {
  entryIndex: number
  entry: string
  leafHash: Buffer
}

export class AuditLog {
  readonly #database: Database.Database
  readonly #insert: Database.Statement<[number, string, Uint8Array]>
  readonly #saveTree: Database.Statement<[number, Uint8Array, Uint8Array]>
  readonly #tree: Database.Statement<[], TreeRow>

  constructor(database: Database.Database) {
    this.#database = database
    this.#insert = database.prepare('INSERT INTO audit_entry (entryIndex, entry, leafHash) VALUES (?, ?, ?)')
    this.#saveTree = database.prepare(`INSERT INTO audit_tree VALUES (1, ?, ?, ?)
      ON CONFLICT (only) DO UPDATE SET entries = excluded.entries, subtrees = excluded.subtrees, head = excluded.head`)
    this.#tree = database.prepare('SELECT entries, subtrees, head FROM audit_tree')
  }

  /** Adds entries and their place in the tree, all or none. Inside a transaction it becomes part of it. */
  append(...entries: AuditEntry[]): void {
    this.#database.transaction(() => {
      let tree = growing(this.#tree.get())
      for (const entry of entries) {
        const line = entryText(entry)
        const leaf = leafHash(sha256, text.encode(line))
        this.#insert.run(tree.entries, line, leaf)
        tree = withLeaf(sha256, tree, leaf)
      }
      this.#saveTree.run(tree.entries, Buffer.concat(tree.subtrees), treeHead(sha256, tree))
    })()
  }

  /** Newest first. */
  list(offset: number, limit: number): { total: number; rows: StoredAuditEntry[] } {
    const rows = this.#database
      .prepare<[number, number], EntryRow>(
        'SELECT entryIndex, entry, leafHash FROM audit_entry ORDER BY entryIndex DESC LIMIT ? OFFSET ?',
      )
      .all(limit, offset)
    const total =
      this.#database.prepare<[], { total: number }>('SELECT count(*) AS total FROM audit_entry').get()?.total ?? 0
    return { total, rows: rows.map(stored) }
  }

  /** Every entry about one subject, oldest first. */
  about(subject: string): StoredAuditEntry[] {
    return this.#database
      .prepare<[string], EntryRow>(
        'SELECT entryIndex, entry, leafHash FROM audit_entry WHERE subject = ? ORDER BY entryIndex',
      )
      .all(subject)
      .map(stored)
  }

  /** Recomputes every hash from the entries' text and compares them, their number and the head with what was stored. */
  verify(): AuditProof {
    return this.#database.transaction(() => {
      let tree = EMPTY_TREE
      let firstBroken: number | null = null
      for (const row of this.#database
        .prepare<[], EntryRow>('SELECT entryIndex, entry, leafHash FROM audit_entry ORDER BY entryIndex')
        .iterate()) {
        const leaf = leafHash(sha256, text.encode(row.entry))
        if (firstBroken === null && (row.entryIndex !== tree.entries || row.leafHash.compare(leaf) !== 0))
          firstBroken = tree.entries
        tree = withLeaf(sha256, tree, leaf)
      }
      const known = this.#tree.get()
      const head = Buffer.from(treeHead(sha256, tree))
      if (firstBroken === null && tree.entries !== (known?.entries ?? 0))
        firstBroken = Math.min(tree.entries, known?.entries ?? 0)
      const sameHead =
        known === undefined
          ? tree.entries === 0
          : known.head.equals(head) && Buffer.concat(tree.subtrees).equals(known.subtrees)
      return { entries: tree.entries, head: head.toString('hex'), ok: firstBroken === null && sameHead, firstBroken }
    })()
  }
}

function growing(row: TreeRow | undefined): GrowingTree {
  if (!row) return EMPTY_TREE
  const subtrees: Uint8Array[] = []
  for (let start = 0; start < row.subtrees.length; start += 32) subtrees.push(row.subtrees.subarray(start, start + 32))
  return { entries: row.entries, subtrees }
}

function stored(row: EntryRow): StoredAuditEntry {
  return { index: row.entryIndex, entry: JSON.parse(row.entry) as AuditEntry, leafHash: row.leafHash.toString('hex') }
}
