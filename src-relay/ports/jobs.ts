/** The relay's work in the background, as its parts see it. */
import type { DatabaseTransaction } from './database.ts'

export interface Jobs {
  /** In the transaction that makes the notice due: both are stored, or neither. */
  enqueue(transaction: DatabaseTransaction, noticeId: string): Promise<void>
  /** @param deliver throws when it is to be tried again; last: it will not be */
  start(work: {
    deliver(noticeId: string, last: boolean): Promise<void>
    expire(): Promise<void>
    purge(): Promise<void>
    removeEnded(): Promise<void>
  }): Promise<void>
  close(): Promise<void>
}
