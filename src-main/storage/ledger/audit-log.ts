/**
 * The audit log. Entries are appended in the transaction of the act, never changed, and proven by a Merkle tree over
 * all entries.
 */
import type Database from 'better-sqlite3'
import { entryText, type AuditEntry } from '../../../src-core/audit/audit-entry.ts'
import { TreeNodes, type TreeHead } from '../../../src-core/audit/consistency.ts'
import {
  appended,
  LogCheck,
  readTree,
  type LogEntryRow,
  type LogProof,
  type StoredTree,
} from '../../../src-core/audit/log-check.ts'
import type { HeadStatement } from '../../../src-core/contract/relay.ts'
import { parseJson } from '../../../src-core/parse-json.ts'
import { sha256 } from '../../../src-engine/audit/sha256.ts'
import { StoredWitnessState, StoredEntry } from '../../ports/stored-json.ts'

export interface StoredAuditEntry {
  readonly index: number
  readonly entry: StoredEntry
  readonly leafHash: string
}

type TreeRow = StoredTree & { readonly subtrees: Buffer; readonly head: Buffer }
type EntryRow = LogEntryRow & { readonly leafHash: Buffer }

export class AuditLog {
  readonly #database: Database.Database
  readonly #nodes = new TreeNodes(sha256)
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

  /** Adds entries and their leaves in the tree, all or none. Inside a transaction it becomes part of it. */
  append(...entries: AuditEntry[]): void {
    const add = this.#database.transaction(() => {
      const { rows, tree } = appended(sha256, readTree(this.#tree.get()), entries.map(entryText))
      for (const row of rows) this.#insert.run(row.entryIndex, row.entry, row.leafHash)
      this.#saveTree.run(tree.entries, tree.subtrees, tree.head)
    })
    // The lock is taken first: a command may append at the same time, and both read the tree before they write.
    add.immediate()
  }

  /** A page of entries, newest first. */
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

  firstEntryAt(): string | null {
    const row = this.#database
      .prepare<[], { at: string }>('SELECT at FROM audit_entry ORDER BY entryIndex LIMIT 1')
      .get()
    return row?.at ?? null
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

  /**
   * Recomputes every hash from the text of the entries, and compares the hashes, their number and the head with the
   * stored ones.
   * @param witnessed a head that the relay keeps, which is compared too
   */
  verify(witnessed: TreeHead | null = null): LogProof {
    return this.#database.transaction(() => {
      const check = new LogCheck(sha256, witnessed)
      for (const row of this.#database
        .prepare<[], EntryRow>('SELECT entryIndex, entry, leafHash FROM audit_entry ORDER BY entryIndex')
        .iterate())
        check.add(row)
      return check.result(this.#tree.get())
    })()
  }

  /**
   * The statement for the relay: the present head, and the proof that it extends the first `from` entries. A log with
   * fewer entries cannot prove this.
   */
  headStatement(from: number): HeadStatement {
    const nodes = this.#allNodes()
    const { entries } = nodes
    const proof = from <= entries ? nodes.proof(from) : []
    return { entries, head: hexOf(nodes.head()), from, proof: proof.map(hexOf) }
  }

  keepWitness(witness: StoredWitnessState): void {
    this.#database
      .prepare('INSERT INTO audit_witness VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET answer = excluded.answer')
      .run(JSON.stringify(witness))
  }

  keptWitness(): StoredWitnessState | null {
    const row = this.#database.prepare<[], { answer: string }>('SELECT answer FROM audit_witness').get()
    return row === undefined ? null : parseJson(row.answer, StoredWitnessState, 'ledger-damaged')
  }

  /** Reads only the entries that were added since the last call. */
  #allNodes(): TreeNodes {
    const rows = this.#database.prepare<[number], EntryRow>(
      'SELECT entryIndex, entry, leafHash FROM audit_entry WHERE entryIndex >= ? ORDER BY entryIndex',
    )
    for (const { leafHash } of rows.iterate(this.#nodes.entries)) this.#nodes.add(leafHash)
    return this.#nodes
  }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function stored(row: EntryRow): StoredAuditEntry {
  return {
    index: row.entryIndex,
    entry: parseJson(row.entry, StoredEntry, 'ledger-damaged'),
    leafHash: row.leafHash.toString('hex'),
  }
}
