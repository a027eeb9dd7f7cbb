/** The job queue: notices leave from it, and shares expire by it, in any one of the relay's processes. */
import { fromKysely, PgBoss, type JobResult, type JobWithMetadata } from 'pg-boss'
import type { DatabaseTransaction } from '../storage/database.ts'

const NOTICES = 'notices'
const EXPIRY = 'expiry'

export interface Jobs {
  /** In the transaction that makes the notice due: both are stored, or neither. */
  enqueue(transaction: DatabaseTransaction, noticeId: string): Promise<void>
  /** @param deliver throws when it is to be tried again; last: it will not be */
  start(work: { deliver(noticeId: string, last: boolean): Promise<void>; expire(): Promise<void> }): Promise<void>
  close(): Promise<void>
}

/** Half a minute, doubled up to an hour: a day's outage of the mail server is outlived. */
const RETRIES = { retryLimit: 40, retryDelay: 30, retryBackoff: true, retryDelayMax: 3600 }

export async function openJobs(url: string): Promise<Jobs> {
  const boss = new PgBoss({ connectionString: url, max: 4, schema: 'jobs', useListenNotify: true })
  // Errors of its own timers, for example while the database restarts; the next turn tries again.
  boss.on('error', () => {})
  await boss.start()
  await boss.createQueue(NOTICES, { ...RETRIES, retentionSeconds: 30 * 86_400, notify: true })
  await boss.createQueue(EXPIRY, { retryLimit: 0, deleteAfterSeconds: 3600 })
  return {
    async enqueue(transaction, noticeId) {
      await boss.send(NOTICES, { noticeId }, { ...RETRIES, db: fromKysely(transaction) })
    },
    async start({ deliver, expire }) {
      // Each is settled for itself: one mail that has to wait holds up no other.
      const settle = async ({ id, data, retryCount }: JobWithMetadata<{ noticeId: string }>): Promise<JobResult> =>
        deliver(data.noticeId, retryCount >= RETRIES.retryLimit).then(() => ({ id, status: 'completed' }), () => ({ id, status: 'failed' }))
      await boss.work<{ noticeId: string }, void, { includeMetadata: true; perJobResults: true; pollingIntervalSeconds: number; batchSize: number }>(
        NOTICES, { includeMetadata: true, perJobResults: true, pollingIntervalSeconds: 0.5, batchSize: 10 }, jobs => Promise.all(jobs.map(settle)),
      )
      await boss.schedule(EXPIRY, '* * * * *')
      await boss.work(EXPIRY, { pollingIntervalSeconds: 10 }, () => expire())
    },
    close: () => boss.stop({ graceful: true, timeout: 5000 }),
  }
}
