/** Writes down a notice that is to be sent, in the transaction that makes it due. */
import { randomUUID } from 'node:crypto'
import type { RelayContext } from '../ports/relay-context.ts'
import { sealNotice, type ShareSecret } from '../sealing/sealed-records.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import { channelFor, kindOf, type NoticeKindName } from './registry.ts'

export interface NewNotice {
  readonly grantId: string
  readonly kind: NoticeKindName
  /** The link's token, or the code: kept sealed until it has been taken. */
  readonly secretText: string
  readonly at: Date
  /** Absent: a new one. */
  readonly noticeId?: string
}

/** The Message-ID is made once, so that a notice sent twice is recognised as one. */
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
