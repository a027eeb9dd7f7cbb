/** Tells every process of the relay at once that a share ended or that a recipient was blocked. */
import type { DatabaseTransaction } from '../ports/database.ts'
import type { GrantEndings, OnEnding } from '../ports/grant-endings.ts'
import type { Notifications } from '../ports/notifications.ts'
import { notify } from '../storage/notify.ts'

const CHANNEL = 'outpost_ending'

/** Sent when the transaction commits. */
export async function announceEnding(transaction: DatabaseTransaction, shareId: string): Promise<void> {
  await notify(transaction, CHANNEL, shareId)
}

export async function openGrantEndings(notifications: Notifications): Promise<GrantEndings> {
  const subscribers = new Set<OnEnding>()
  await notifications.subscribe(CHANNEL, (shareId) => {
    for (const onEnding of subscribers) onEnding(shareId)
  })
  return {
    subscribe(onEnding) {
      subscribers.add(onEnding)
      return () => void subscribers.delete(onEnding)
    },
  }
}
