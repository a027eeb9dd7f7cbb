/** What sync needs of the other parts of the workstation. Clock, randomness and network are parameters. */
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
  /** Prepares a share's package in the spool. */
  readonly prepare: (
    share: ShareHead,
    options: {
      signal: AbortSignal
      onProgress: (instancesPrepared: number) => void
      /** Hash of the files of the share's earlier package. @error source-changed when it differs now */
      earlierSource: string | null | undefined
    },
  ) => Promise<PackageRecord>
  /** Sends the head of the audit log to the relay. @error audit-log-inconsistent */
  readonly tellHead: (relay: RelayClient) => Promise<void>
  /** Stores policy, staff and protocol from the relay. */
  readonly applyOrganisation: (organisation: OrganisationState) => Promise<void>
  /** The revision of the stored directory (0: empty), and its changes. */
  readonly directoryRevision: () => Promise<number>
  readonly applyDirectory: (change: DirectoryChange) => Promise<void>
  readonly emit: (event: WorkstationEvent) => void
  readonly now: () => Date
  /** Milliseconds of a monotonic clock. */
  readonly clock: () => number
  /** A number from 0 to 1. */
  readonly random: () => number
  /** Receives what failed, for the log. */
  readonly onFailure?: (where: 'outbox' | 'contact', error: unknown) => void
}
