/** What sync needs of the rest of the workstation. Clock, randomness and network are passed in. */
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import type { OrganisationState } from '../../src-core/contract/relay.ts'
import type { WorkstationEvent } from '../../src-core/contract/workstation.ts'
import type { Spool } from '../sharing/prepare-spool.ts'
import type { PackageRecord, ShareHead, SyncLedger } from '../ports/records.ts'
import type { RelayConnection } from './relay-address.ts'
import type { RelayClient } from './relay-client.ts'

export interface DirectoryChange {
  readonly revision: number
  readonly entries: readonly DirectoryEntry[]
  readonly removed: readonly string[]
}

export interface SyncContext {
  readonly ledger: SyncLedger
  readonly spool: Spool
  /** The enrolment, or null when there is none. @error secrets-locked */
  readonly connection: () => Promise<RelayConnection | null>
  /** Makes a share's package in the spool. */
  readonly prepare: (
    share: ShareHead,
    options: {
      signal: AbortSignal
      onProgress: (instancesPrepared: number) => void
      /** What the share's earlier package was made from. @error source-changed when it is another now */
      earlierSource: string | null | undefined
    },
  ) => Promise<PackageRecord>
  /** Tells the relay how far the audit log has come. @error audit-log-inconsistent */
  readonly tellHead: (relay: RelayClient) => Promise<void>
  /** Policy, staff and protocol as the relay has them. */
  readonly applyOrganisation: (organisation: OrganisationState) => Promise<void>
  /** The directory's revision here (0: empty), and its changes. */
  readonly directoryRevision: () => Promise<number>
  readonly applyDirectory: (change: DirectoryChange) => Promise<void>
  readonly emit: (event: WorkstationEvent) => void
  readonly now: () => Date
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number
  /** From 0 to 1. */
  readonly random: () => number
  /** Codes only, for the log. */
  readonly onFailure?: (where: 'outbox' | 'contact', code: string) => void
}
