/** The interface of the relay's job queue. */
import type { DatabaseTransaction } from './database.ts'

export interface Jobs {
  /**
   * Queues a notice in the transaction that stores it, so that both are stored or neither. Notices with a higher
   * priority are sent first; urgent ones do not wait for others that are being sent.
   */
  enqueue(
    transaction: DatabaseTransaction,
    noticeId: string,
    options: { readonly priority: number; readonly urgent: boolean },
  ): Promise<void>
  /** @param work the jobs. `deliver` throws when the notice is to be tried again; `last` says that no try follows. */
  start(work: {
    deliver(noticeId: string, last: boolean): Promise<void>
    expire(): Promise<void>
    purge(): Promise<void>
    removeEnded(): Promise<void>
  }): Promise<void>
  close(): Promise<void>
}
