/** Stores a notice that is to be sent, in the same transaction as its reason. */
import { randomUUID } from 'node:crypto'
import type { RelayContext } from '../ports/relay-context.ts'
import { sealNotice, type ShareSecret } from '../sealing/sealed-records.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import { channelFor, kindOf, type NoticeKindName } from './registry.ts'

export interface NewNotice {
  readonly grantId: string
  readonly kind: NoticeKindName
  /** The link's token or the code. It is stored sealed until a channel took the notice. */
  readonly secretText: string
  readonly at: Date
  /** A new id when absent. */
  readonly noticeId?: string
}

/**
 * Queues a notice. Every try has the same Message-ID, so that mail programs can recognise a notice that was sent twice.
 */
export async function queueNotice(
  { config, jobs }: RelayContext,
  transaction: DatabaseTransaction,
  share: ShareSecret,
  { grantId, kind, secretText, at, noticeId = randomUUID() }: NewNotice,
): Promise<void> {
  await transaction
    .insertInto('notice')
    .values({
      notice_id: noticeId,
      grant_id: grantId,
      kind,
      channel: channelFor(kind, config),
      sealed_body: sealNotice(share, noticeId, { secretText }),
      message_id: `<${noticeId}@${new URL(config.publicUrl).hostname}>`,
      created_at: at,
      settled_at: null,
    })
    .execute()
  await jobs.enqueue(transaction, noticeId, kindOf(kind))
}
