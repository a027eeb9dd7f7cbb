/**
 * The relay's own audit log: appended to in the transaction of what it tells of, never changed, and proven by the same
 * tree as the log of a workstation.
 */
import { sql } from 'kysely'
import { entryText } from '../../src-core/audit/audit-entry.ts'
import type { TreeHead } from '../../src-core/audit/consistency.ts'
import { appended, LogCheck, readTree, type LogProof } from '../../src-core/audit/log-check.ts'
import type { RelayAuditEntry } from '../../src-core/audit/relay-entry.ts'
import { sha256 } from '../../src-engine/audit/sha256.ts'
import type { Database, DatabaseTransaction } from '../ports/database.ts'

export type NewEntry = Omit<RelayAuditEntry, 'at'> & { readonly at: Date }

/** Entries that are read at once while the log is checked. */
const PAGE = 5000
const RECORDS_LOCK = 7_203_003

/**
 * Taken by whatever writes down what happened, in the feed or in the audit log, until the transaction ends. It is one
 * lock for both: of two, each transaction would have to take the same one first.
 */
export async function lockRecords(transaction: DatabaseTransaction): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${RECORDS_LOCK})`.execute(transaction)
}

/**
 * Appends an entry, after those of transactions that are under way. Call it last in a transaction.
 */
export async function record(transaction: DatabaseTransaction, entry: NewEntry): Promise<void> {
  await lockRecords(transaction)
  const before = await transaction.selectFrom('audit_tree').selectAll().executeTakeFirst()
  const { rows, tree } = appended(sha256, readTree(before), [entryText({ ...entry, at: entry.at.toISOString() })])
  await transaction
    .insertInto('audit_entry')
    .values(
      rows.map((row) => ({ entry_index: row.entryIndex, entry: row.entry, leaf_hash: Buffer.from(row.leafHash) })),
    )
    .execute()
  const stored = { entries: tree.entries, subtrees: Buffer.from(tree.subtrees), head: Buffer.from(tree.head) }
  await transaction
    .insertInto('audit_tree')
    .values({ single_row: 1, ...stored })
    .onConflict((conflict) => conflict.column('single_row').doUpdateSet(stored))
    .execute()
}

/**
 * Recomputes every hash of the log as one snapshot shows it, also while the relay goes on writing.
 * @param witnessed a head that was written down before, to be compared too
 */
export async function verifyRelayLog(db: Database, witnessed: TreeHead | null): Promise<LogProof> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      const check = new LogCheck(sha256, witnessed)
      for (let after = -1; ; ) {
        const rows = await transaction
          .selectFrom('audit_entry')
          .select(['entry_index as entryIndex', 'entry', 'leaf_hash as leafHash'])
          .where('entry_index', '>', after)
          .orderBy('entry_index')
          .limit(PAGE)
          .execute()
        for (const row of rows) check.add(row)
        const last = rows.at(-1)
        if (last === undefined) break
        after = last.entryIndex
      }
      return check.result(await transaction.selectFrom('audit_tree').selectAll().executeTakeFirst())
    })
}
