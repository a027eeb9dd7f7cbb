/** The interface of the kinds of notices. */
import type { DatabaseTransaction } from '../../ports/database.ts'
import type { RelayConfig } from '../../ports/relay-context.ts'
import type { NoticeRecord } from '../notice-record.ts'

/** The outcome of a notice. */
export type Settlement =
  | { readonly state: 'sent'; readonly at: Date }
  | { readonly state: 'undeliverable'; readonly at: Date; readonly reason: string }

export interface NoticeKind {
  /** Of the queued notices, those with a higher priority are sent first. */
  readonly priority: number
  /** Whether a person waits for the notice. An urgent notice is tried once, and is undeliverable if that fails. */
  readonly urgent: boolean
  /** Minutes after queuing, after which the notice is not sent any more; null: it is sent until its share ends. */
  readonly validMinutes: number | null
  /** Writes the text that is sent. */
  compose(notice: NoticeRecord, config: RelayConfig): Promise<{ readonly subject: string; readonly text: string }>
  /** Carries out the consequences of the outcome, in the transaction that stores the outcome. */
  onSettled(transaction: DatabaseTransaction, notice: NoticeRecord, settlement: Settlement): Promise<void>
}
