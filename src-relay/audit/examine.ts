/** What an administrator of the relay asks of its log, while the relay runs or is stopped. */
import type { TreeHead } from '../../src-core/audit/consistency.ts'
import type { WitnessState } from '../../src-core/contract/relay.ts'
import type { RelayConfig } from '../ports/relay-context.ts'
import { openDatabase } from '../storage/database.ts'
import type { Database } from '../ports/database.ts'
import { runningDatabase, startEmbeddedPostgres } from '../storage/embedded-postgres.ts'
import { verifyRelayLog } from './relay-log.ts'
import { openAlarms } from './workstation-heads.ts'

export interface RelayLogVerdict {
  readonly entries: number
  readonly head: string
  /** Whether the finding is `consistent`. */
  readonly ok: boolean
  /** not-compared: the log fits its own hashes, and no head from outside was given. */
  readonly finding: 'consistent' | 'not-compared' | 'changed' | 'emptied' | 'shortened' | 'rewritten'
  /** Entries after the head that was given. */
  readonly notWitnessed: number
  /** Workstations whose logs did not continue what the relay knew. */
  readonly alarms: readonly ({ readonly workstationId: string } & WitnessState)[]
}

/** @param witnessed a head that an earlier check printed and that was kept elsewhere */
export async function examineRelayLog(db: Database, witnessed: TreeHead | null): Promise<RelayLogVerdict> {
  const proof = await verifyRelayLog(db, witnessed)
  const findings = { agrees: 'consistent', shorter: 'shortened', differs: 'rewritten' } as const
  // Each start of a relay is an entry.
  const emptied = proof.entries === 0 ? 'emptied' : null
  const compared = proof.witnessed === null ? 'not-compared' : findings[proof.witnessed]
  const finding = proof.ok ? (emptied ?? compared) : 'changed'
  return {
    entries: proof.entries,
    head: proof.head,
    ok: finding === 'consistent',
    finding,
    notWitnessed: Math.max(0, proof.entries - (witnessed?.entries ?? 0)),
    alarms: await openAlarms(db),
  }
}

/** Starts the embedded database for the time of the work, unless it runs already. @error data-folder-in-use */
export async function withRelayDatabase<T>(
  database: RelayConfig['database'],
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const running = 'url' in database ? database.url : await runningDatabase(database.embedded)
  const started = running === null && 'embedded' in database ? await startEmbeddedPostgres(database.embedded) : null
  try {
    const opened = await openDatabase(running ?? started?.url ?? '')
    try {
      return await work(opened.db)
    } finally {
      await opened.close()
    }
  } finally {
    await started?.close()
  }
}
