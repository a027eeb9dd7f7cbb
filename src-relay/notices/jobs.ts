/**
 * The job queue. Its jobs send notices, expire shares, and remove abandoned uploads and the images of ended shares. Any
 * process of the relay may run a job.
 */
import { fromKysely, PgBoss, type JobResult, type JobWithMetadata } from 'pg-boss'
import type { Jobs } from '../ports/jobs.ts'

const NOTICES = 'notices'
const EXPIRY = 'expiry'
const PURGE = 'purge'
const REMOVAL = 'removal'

/**
 * When the first retry follows after half a minute, so many retries last longer than a day's outage of the mail server.
 */
const RETRY_LIMIT = 40
/**
 * After this time another process sends a notice whose process was killed. It is longer than any channel waits for its
 * server.
 */
const NOTICE_JOB_SECONDS = 120

/** Urgent notices have at least this priority, by which a separate worker selects them. */
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
 * @param retrySeconds the seconds before the second try; they double with each try, up to an hour
 * @param onError is called with the errors of the queue's own timers
 * @param alone whether no other process uses this database, so that jobs of a killed process are started again at once
 * @param connections the size of the queue's own pool
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
  // The timers of pg-boss report errors here, for example while the database restarts, and try again later.
  boss.on('error', onError)
  await boss.start()
  await boss.createQueue(NOTICES, {
    ...retries,
    retentionSeconds: 30 * 86_400,
    notify: true,
    expireInSeconds: NOTICE_JOB_SECONDS,
  })
  if (alone)
    await boss
      .getDb()
      .executeSql("UPDATE jobs.job SET state = 'retry', start_after = now() WHERE name = $1 AND state = 'active'", [
        NOTICES,
      ])
  for (const queue of [EXPIRY, PURGE, REMOVAL])
    await boss.createQueue(queue, { retryLimit: 0, deleteAfterSeconds: 3600 })
  return {
    async enqueue(transaction, noticeId, { priority, urgent }) {
      const options = { ...retries, priority: urgent ? URGENT_PRIORITY + priority : priority }
      await boss.send(NOTICES, { noticeId }, { ...options, db: fromKysely(transaction) })
    },
    async start({ deliver, expire, purge, removeEnded }) {
      // Each job has a result of its own, so that a notice which is retried does not delay the others of its batch.
      const runNoticeJob = async ({
        id,
        data,
        retryCount,
      }: JobWithMetadata<{ noticeId: string }>): Promise<JobResult> =>
        deliver(data.noticeId, retryCount >= RETRY_LIMIT).then(
          () => ({ id, status: 'completed' }),
          () => ({ id, status: 'failed' }),
        )
      const sendNotices = (batchSize: number, minPriority?: number): Promise<string> =>
        boss.work<{ noticeId: string }, void, NoticeWorkOptions>(
          NOTICES,
          { ...NOTICE_WORK, batchSize, ...(minPriority !== undefined && { minPriority }) },
          (jobs) => Promise.all(jobs.map(runNoticeJob)),
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
