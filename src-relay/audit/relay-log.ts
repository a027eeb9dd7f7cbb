/**
 * The relay's own audit log: appended to in the transaction of what it tells of, never changed, and proven by the same
 * tree as the log of a workstation.
 */
import { entryText } from '../../src-core/audit/audit-entry.ts'
import type { TreeHead } from '../../src-core/audit/consistency.ts'
import { appended, LogCheck, readTree, type LogProof } from '../../src-core/audit/log-check.ts'
import type { RelayAuditEntry } from '../../src-core/audit/relay-entry.ts'
import { sha256 } from '../../src-engine/audit/sha256.ts'
import { lockRecords } from '../shares/feed-events.ts'
import type { Database, DatabaseTransaction } from '../storage/database.ts'

export type NewEntry = Omit<RelayAuditEntry, 'at'> & { readonly at: Date }

/** Entries that are read at once while the log is checked. */
const PAGE = 5000

/**
 * Appends an entry. It holds the same lock as the feed until the transaction ends, since each entry takes its place
 * after the one before it. Call it last in a transaction.
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
    .values({ only: 1, ...stored })
    .onConflict((conflict) => conflict.column('only').doUpdateSet(stored))
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
