/** What a notification of the feed's channel says: which department, and as a rule the event itself. */
import { z } from 'zod'
import { FeedEvent } from '../../src-core/contract/relay.ts'
import { tryParseJson } from '../../src-core/parse-json.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import { notify, PAYLOAD_LIMIT } from '../storage/notify.ts'

/** What listeners of PostgreSQL are woken by when events were committed. */
export const FEED_CHANNEL = 'outpost_feed'

const News = z.object({
  /** null: for every workstation of the department. */
  workstationId: z.string().nullable(),
  /** The cursor of the department's event before this one; 0: there was none. */
  previous: z.number().int(),
  event: FeedEvent,
})
export type News = z.infer<typeof News>

const FeedNotification = z.object({
  departmentId: z.string(),
  /** Absent: streams have to ask the database what happened. */
  news: News.optional(),
})
type FeedNotification = z.infer<typeof FeedNotification>

/** Sent when the transaction commits. An event that is too long for a notification is left out of it. */
export async function notifyFeeds(
  transaction: DatabaseTransaction,
  { departmentId, news }: FeedNotification,
): Promise<void> {
  const payload = JSON.stringify({ departmentId, news })
  const fits = Buffer.byteLength(payload) < PAYLOAD_LIMIT
  await notify(transaction, FEED_CHANNEL, fits ? payload : JSON.stringify({ departmentId }))
}

/** @returns null when it cannot be read, such as one of a newer relay: any department may be meant */
export function readNotification(payload: string | null): FeedNotification | null {
  return payload === null ? null : (tryParseJson(payload, FeedNotification) ?? null)
}
