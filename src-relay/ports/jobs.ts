/** The relay's work in the background, as its parts see it. */
import type { DatabaseTransaction } from './database.ts'

export interface Jobs {
  /**
   * In the transaction that makes the notice due: both are stored, or neither. Of notices that wait, the one of higher
   * priority leaves first; an urgent one does not wait for others that are being sent.
   */
  enqueue(
    transaction: DatabaseTransaction,
    noticeId: string,
    how: { readonly priority: number; readonly urgent: boolean },
  ): Promise<void>
  /** @param deliver throws when it is to be tried again; last: it will not be */
  start(work: {
    deliver(noticeId: string, last: boolean): Promise<void>
    expire(): Promise<void>
    purge(): Promise<void>
    removeEnded(): Promise<void>
  }): Promise<void>
  close(): Promise<void>
}
