/** Tells every process of the relay at once that a share ended or that a recipient was blocked. */
import { sql } from 'kysely'
import type pg from 'pg'
import type { DatabaseTransaction } from '../ports/database.ts'
import type { GrantEndings, OnEnding } from '../ports/grant-endings.ts'
import { listenTo } from '../storage/listen.ts'

const CHANNEL = 'outpost_ending'

/** Sent when the transaction commits. */
export async function announceEnding(transaction: DatabaseTransaction, shareId: string): Promise<void> {
  await sql`SELECT pg_notify(${CHANNEL}, ${shareId})`.execute(transaction)
}

export async function openGrantEndings(pool: pg.Pool): Promise<GrantEndings> {
  const subscribers = new Set<OnEnding>()
  const listener = await listenTo(pool, CHANNEL, (shareId) => {
    for (const onEnding of subscribers) onEnding(shareId)
  })
  return {
    subscribe(onEnding) {
      subscribers.add(onEnding)
      return () => void subscribers.delete(onEnding)
    },
    close: () => listener.close(),
  }
}
