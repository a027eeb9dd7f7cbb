/**
 * The job queue: notices leave from it, shares expire, abandoned uploads and the images of ended shares go by it, in
 * any one of the relay's processes.
 */
import { fromKysely, PgBoss, type JobResult, type JobWithMetadata } from 'pg-boss'
import type { Jobs } from '../ports/jobs.ts'

const NOTICES = 'notices'
const EXPIRY = 'expiry'
const PURGE = 'purge'
const REMOVAL = 'removal'

/** With half a minute at first, a day's outage of the mail server is outlived. */
const RETRY_LIMIT = 40
/**
 * A process that was killed with a notice in hand: another takes it up after this. Longer than any mail server is
 * waited for.
 */
const TAKEN_SECONDS = 120

/** Urgent notices have this priority at least, so that a worker of their own can tell them from the others. */
const URGENT_PRIORITY = 1000

const NOTICE_WORK = {
  includeMetadata: true,
  perJobResults: true,
  pollingIntervalSeconds: 0.5,
  notifyPollingIntervalSeconds: 1,
  burstWhenBatchFull: true,
} as const
type NoticeWorkOptions = typeof NOTICE_WORK & { batchSize: number; minPriority?: number }

/**
 * @param retrySeconds before the second try, doubled from then on up to an hour
 * @param onError is told what went wrong in the timers of the queue itself
 * @param alone no other process works on this database: what a killed one had in hand is taken up at once
 * @param connections of the queue's own pool
 */
export async function openJobs(
  url: string,
  {
    retrySeconds,
    alone,
    connections,
    onError,
  }: { retrySeconds: number; alone: boolean; connections: number; onError: (error: Error) => void },
): Promise<Jobs> {
  const retries = { retryLimit: RETRY_LIMIT, retryDelay: retrySeconds, retryBackoff: true, retryDelayMax: 3600 }
  const boss = new PgBoss({ connectionString: url, max: connections, schema: 'jobs', useListenNotify: true })
  // Errors of its own timers, for example while the database restarts; the next turn tries again.
  boss.on('error', onError)
  await boss.start()
  await boss.createQueue(NOTICES, {
    ...retries,
    retentionSeconds: 30 * 86_400,
    notify: true,
    expireInSeconds: TAKEN_SECONDS,
  })
  if (alone)
    await boss
      .getDb()
      .executeSql("UPDATE jobs.job SET state = 'retry', start_after = now() WHERE name = $1 AND state = 'active'", [
        NOTICES,
      ])
  for (const each of [EXPIRY, PURGE, REMOVAL]) await boss.createQueue(each, { retryLimit: 0, deleteAfterSeconds: 3600 })
  return {
    async enqueue(transaction, noticeId, { priority, urgent }) {
      const options = { ...retries, priority: urgent ? URGENT_PRIORITY + priority : priority }
      await boss.send(NOTICES, { noticeId }, { ...options, db: fromKysely(transaction) })
    },
    async start({ deliver, expire, purge, removeEnded }) {
      // Each job is settled for itself: one notice that has to wait holds up no other.
      const settle = async ({ id, data, retryCount }: JobWithMetadata<{ noticeId: string }>): Promise<JobResult> =>
        deliver(data.noticeId, retryCount >= RETRY_LIMIT).then(
          () => ({ id, status: 'completed' }),
          () => ({ id, status: 'failed' }),
        )
      const sendNotices = (batchSize: number, minPriority?: number): Promise<string> =>
        boss.work<{ noticeId: string }, void, NoticeWorkOptions>(
          NOTICES,
          { ...NOTICE_WORK, batchSize, ...(minPriority !== undefined && { minPriority }) },
          (jobs) => Promise.all(jobs.map(settle)),
        )
      await sendNotices(10)
      // While the first worker waits for a slow mail server, the second one sends urgent notices.
      await sendNotices(1, URGENT_PRIORITY)
      await boss.schedule(EXPIRY, '* * * * *')
      await boss.work(EXPIRY, { pollingIntervalSeconds: 10 }, () => expire())
      await boss.schedule(PURGE, '30 3 * * *')
      await boss.work(PURGE, { pollingIntervalSeconds: 60 }, () => purge())
      await boss.schedule(REMOVAL, '11 * * * *')
      await boss.work(REMOVAL, { pollingIntervalSeconds: 60 }, () => removeEnded())
    },
    close: () => boss.stop({ graceful: true, timeout: 5000 }),
  }
}
