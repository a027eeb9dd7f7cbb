/**
 * Heads of workstations' audit logs. The relay keeps each one that continues the last one; one that does not is kept as
 * an alarm, and the last one stays what a log is compared with.
 */
import { isContinuation } from '../../src-core/audit/consistency.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { AuditHead, HeadStatement, WitnessState } from '../../src-core/contract/relay.ts'
import { sha256 } from '../../src-engine/audit/sha256.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { Database, DatabaseTransaction } from '../ports/database.ts'
import { administratorHere } from './administrator.ts'
import { record } from './relay-log.ts'

interface HeadRow {
  readonly head_id: number
  readonly at: Date
  readonly entries: number
  readonly head: Buffer
  readonly kind: 'continued' | 'alarm' | 'restored'
}

export interface WitnessAnswer {
  readonly outcome: 'kept' | 'outdated' | 'inconsistent'
  readonly state: WitnessState
}

export async function witnessState(db: Database, workstationId: string): Promise<WitnessState> {
  return (await keptHeads(db, workstationId)).state
}

/**
 * Takes a statement of the caller's own log. Two at once are taken one after the other.
 * @see RFC 9162 2.1.4.2
 */
export async function witnessHead(
  relay: RelayContext,
  workstation: Workstation,
  statement: HeadStatement,
): Promise<WitnessAnswer> {
  const { workstationId } = workstation
  return relay.db.transaction().execute(async (transaction): Promise<WitnessAnswer> => {
    await lockWorkstation(transaction, workstationId)
    const { last, alarm, state } = await keptHeads(transaction, workstationId)
    // A late repetition of an earlier request: it says nothing of the log as it is.
    if (statement.from !== (last?.entries ?? 0)) return { outcome: 'outdated', state }
    const head = Buffer.from(statement.head, 'hex')
    const told = { entries: statement.entries, head }
    const proof = statement.proof.map((hash) => Buffer.from(hash, 'hex'))
    const continues = last === null || isContinuation(sha256, last, told, proof)
    const known = continues ? last : alarm
    const isKnown = known?.entries === told.entries && known.head.equals(head)
    if (!isKnown) await keep(transaction, workstationId, told, continues ? 'continued' : 'alarm', relay.now())
    if (!continues && !isKnown) {
      relay.config.log?.(`audit-alarm workstation ${workstationId} told ${told.entries} known ${last?.entries ?? 0}`)
      await record(transaction, {
        at: relay.now(),
        actor: { kind: 'workstation', id: workstationId },
        action: 'log-inconsistent',
        departmentId: workstation.departmentId,
        workstationId,
        detail: { told: told.entries, known: last?.entries ?? 0 },
      })
    }
    return {
      outcome: continues ? 'kept' : 'inconsistent',
      state: isKnown ? state : (await keptHeads(transaction, workstationId)).state,
    }
  })
}

/**
 * Makes the head of the alarm the one that the log is compared with from now on: its ledger was restored from a backup.
 * The entries after the backup are lost, and both logs say so.
 * @error not-found there is no alarm
 */
export async function acceptRestoredLog(
  { db, now }: Pick<RelayContext, 'db' | 'now'>,
  workstationId: string,
  by = administratorHere(),
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await lockWorkstation(transaction, workstationId)
    const { last, alarm } = await keptHeads(transaction, workstationId)
    if (alarm === null) throw new OutpostError('not-found')
    await keep(transaction, workstationId, alarm, 'restored', now())
    await record(transaction, {
      at: now(),
      actor: by,
      action: 'log-restored',
      workstationId,
      detail: { accepted: alarm.entries, known: last?.entries ?? 0 },
    })
  })
}

/** Not FOR UPDATE: that would wait for every transaction that has inserted a row which refers to the workstation. */
async function lockWorkstation(transaction: DatabaseTransaction, workstationId: string): Promise<void> {
  await transaction
    .selectFrom('workstation')
    .select('workstation_id')
    .where('workstation_id', '=', workstationId)
    .forNoKeyUpdate()
    .executeTakeFirst()
}

/** Every workstation with an alarm that no administrator has accepted. */
export async function openAlarms(db: Database): Promise<({ readonly workstationId: string } & WitnessState)[]> {
  const rows = await db
    .selectFrom('audit_head')
    .select('workstation_id')
    .distinct()
    .where('kind', '=', 'alarm')
    .execute()
  const states = await Promise.all(
    rows.map(async (row) => ({
      workstationId: row.workstation_id,
      ...(await witnessState(db, row.workstation_id)),
    })),
  )
  return states.filter(({ alarm }) => alarm !== null)
}

interface KeptHeads {
  /** What the log has to continue. */
  readonly last: HeadRow | null
  /** An alarm that no administrator has accepted. */
  readonly alarm: HeadRow | null
  readonly state: WitnessState
}

async function keptHeads(db: Database, workstationId: string): Promise<KeptHeads> {
  const newest = (kinds: readonly HeadRow['kind'][], before?: number): Promise<HeadRow | undefined> =>
    db
      .selectFrom('audit_head')
      .select(['head_id', 'at', 'entries', 'head', 'kind'])
      .where('workstation_id', '=', workstationId)
      .where('kind', 'in', kinds)
      .$if(before !== undefined, (query) => query.where('head_id', '<', before as number))
      .orderBy('head_id', 'desc')
      .limit(1)
      .executeTakeFirst()
  const last = (await newest(['continued', 'restored'])) ?? null
  const restored = await newest(['restored'])
  const lastAlarm = await newest(['alarm'])
  const alarm = lastAlarm !== undefined && lastAlarm.head_id > (restored?.head_id ?? 0) ? lastAlarm : null
  const before = last?.kind === 'restored' ? await newest(['continued', 'restored'], last.head_id) : undefined
  const state = { witnessed: shown(last), alarm: shown(alarm), restoredOver: before?.entries ?? null }
  return { last, alarm, state }
}

const shown = (row: HeadRow | null): AuditHead | null =>
  row === null ? null : { entries: row.entries, head: row.head.toString('hex'), at: row.at.toISOString() }

async function keep(
  transaction: DatabaseTransaction,
  workstationId: string,
  { entries, head }: Pick<HeadRow, 'entries' | 'head'>,
  kind: HeadRow['kind'],
  at: Date,
): Promise<void> {
  await transaction
    .insertInto('audit_head')
    .values({ workstation_id: workstationId, at, entries, head, kind })
    .execute()
}
