/** Moves the entries that acts have left in audit_pending into the audit log, in the order of their identities. */
import { sql } from 'kysely'
import { appended, readTree } from '../../src-core/audit/log-check.ts'
import { sha256 } from '../../src-engine/audit/sha256.ts'
import type { Database, DatabaseTransaction } from '../ports/database.ts'

/** Listeners of this channel hear that a committed act has left an entry. */
export const AUDIT_CHANNEL = 'outpost_audit'

/** Entries that one transaction moves. */
const BATCH = 500
/** An earlier version takes the same lock around each entry that it appends, so both may run on one database. */
export const LOG_LOCK = 7_203_003

/** The log has not as many entries as its tree: no entry is added until somebody has found out why. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged'
}

/**
 * Moves what is pending, a batch in each transaction. A process that dies leaves its batch to the next caller.
 * @param whenBusy what to do while another caller is at it. wait: when this resolves, every entry that was committed
 * before the call is in the log. leave: nothing, for those who are called again soon
 * @throws LogDamaged and nothing has been moved
 */
export async function sequencePending(db: Database, whenBusy: 'wait' | 'leave' = 'wait'): Promise<void> {
  for (let more = true; more; )
    more = await db.transaction().execute(async (transaction) => {
      if (!(await lockLog(transaction, whenBusy))) return false
      return (await moveBatch(transaction)) === BATCH
    })
}

/** @returns false when another process holds the lock, unless that process is to be waited for */
async function lockLog(transaction: DatabaseTransaction, whenBusy: 'wait' | 'leave'): Promise<boolean> {
  if (whenBusy === 'leave') {
    const tried = sql<{ held: boolean }>`SELECT pg_try_advisory_xact_lock(${LOG_LOCK}) AS held`
    return (await tried.execute(transaction)).rows[0]?.held === true
  }
  await sql`SELECT pg_advisory_xact_lock(${LOG_LOCK})`.execute(transaction)
  return true
}

/** @returns how many entries were moved */
async function moveBatch(transaction: DatabaseTransaction): Promise<number> {
  const pending = await transaction.selectFrom('audit_pending').selectAll().orderBy('pending_id').limit(BATCH).execute()
  if (pending.length === 0) return 0
  const { rows, tree } = appended(
    sha256,
    await currentTree(transaction),
    pending.map(({ entry }) => entry),
  )
  await transaction
    .insertInto('audit_entry')
    .values(
      rows.map(({ entryIndex, entry, leafHash }, index) => ({
        entry_index: entryIndex,
        entry,
        leaf_hash: Buffer.from(leafHash),
        pending_id: pending[index]?.pending_id ?? null,
      })),
    )
    .execute()
  const stored = { entries: tree.entries, subtrees: Buffer.from(tree.subtrees), head: Buffer.from(tree.head) }
  await transaction
    .insertInto('audit_tree')
    .values({ single_row: 1, ...stored })
    .onConflict((conflict) => conflict.column('single_row').doUpdateSet(stored))
    .execute()
  // By their ids: an entry with a smaller id may have been committed since they were read.
  const moved = pending.map(({ pending_id: pendingId }) => pendingId)
  await transaction.deleteFrom('audit_pending').where('pending_id', 'in', moved).execute()
  return pending.length
}

/** @throws LogDamaged */
async function currentTree(transaction: DatabaseTransaction): Promise<ReturnType<typeof readTree>> {
  const tree = readTree(await transaction.selectFrom('audit_tree').selectAll().executeTakeFirst())
  const last = await transaction
    .selectFrom('audit_entry')
    .select('entry_index')
    .orderBy('entry_index', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (tree.entries !== (last?.entry_index ?? -1) + 1) throw new LogDamaged('entries and tree do not fit')
  return tree
}
