/**
 * The relay's own audit log: never changed, and proven by the same tree as the log of a workstation. An entry is
 * committed together with the act that it tells of, and moved into the log right afterwards (sequence-pending.ts).
 */
import { entryText } from '../../src-core/audit/audit-entry.ts'
import type { TreeHead } from '../../src-core/audit/consistency.ts'
import { LogCheck, type LogProof } from '../../src-core/audit/log-check.ts'
import type { RelayAuditEntry } from '../../src-core/audit/relay-entry.ts'
import { sha256 } from '../../src-engine/audit/sha256.ts'
import type { Database, DatabaseTransaction } from '../ports/database.ts'
import { notify } from '../storage/notify.ts'
import { AUDIT_CHANNEL, LogDamaged, sequencePending } from './sequence-pending.ts'

export type NewEntry = Omit<RelayAuditEntry, 'at'> & { readonly at: Date }

/** Entries that are read at once while the log is checked. */
const PAGE = 5000

/** Leaves an entry for the log, in the transaction of the act: neither is committed without the other. */
export async function record(transaction: DatabaseTransaction, entry: NewEntry): Promise<void> {
  await transaction
    .insertInto('audit_pending')
    .values({ entry: entryText({ ...entry, at: entry.at.toISOString() }) })
    .execute()
  await notify(transaction, AUDIT_CHANNEL)
}

/**
 * Recomputes every hash of the log as one snapshot shows it, also while the relay goes on writing. Every entry that was
 * committed before the call is in the log then.
 * @param witnessed a head that was written down before, to be compared too
 */
export async function verifyRelayLog(db: Database, witnessed: TreeHead | null): Promise<LogProof> {
  await sequencePending(db).catch((error: unknown) => {
    // The check finds where the log is damaged.
    if (!(error instanceof LogDamaged)) throw error
  })
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
