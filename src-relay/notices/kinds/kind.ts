/** What every kind of notice states of itself. */
import type { DatabaseTransaction } from '../../ports/database.ts'
import type { RelayConfig } from '../../ports/relay-context.ts'
import type { NoticeRecord } from '../notice-record.ts'

/** reason: absent when a channel took the notice. */
export type Settlement =
  | { readonly state: 'sent'; readonly at: Date }
  | { readonly state: 'undeliverable'; readonly at: Date; readonly reason: string }

export interface NoticeKind {
  /** Of two notices that wait, the one of higher priority leaves first. */
  readonly priority: number
  /** Whether a person waits for the notice. It is tried once, and is undeliverable if it cannot be sent then. */
  readonly urgent: boolean
  /** How long after it was queued it is still worth sending; null: as long as its share lives. */
  readonly validMinutes: number | null
  compose(notice: NoticeRecord, config: RelayConfig): Promise<{ readonly subject: string; readonly text: string }>
  /** What follows from the outcome, in the transaction that stores it. */
  settled(transaction: DatabaseTransaction, notice: NoticeRecord, settlement: Settlement): Promise<void>
}
