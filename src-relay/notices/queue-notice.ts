/** Writes down a notice that is to be sent, in the transaction that makes it due. */
import { randomUUID } from 'node:crypto'
import type { RelayContext } from '../ports/relay-context.ts'
import { sealNotice, type ShareSecret } from '../sealing/sealed-records.ts'
import type { DatabaseTransaction } from '../ports/database.ts'

export interface NewNotice {
  readonly grantId: string
  readonly kind: 'mail' | 'text'
  /** The link's token, or the code: kept sealed until it has been taken. */
  readonly secretText: string
}

/** @returns the notice's id; its Message-ID is made once, so that a mail sent twice is recognised as one */
export async function queueNotice(
  { config, now, jobs }: RelayContext,
  transaction: DatabaseTransaction,
  share: ShareSecret,
  notice: NewNotice,
): Promise<string> {
  const noticeId = randomUUID()
  await transaction
    .insertInto('notice')
    .values({
      notice_id: noticeId,
      grant_id: notice.grantId,
      kind: notice.kind,
      sealed_body: sealNotice(share, noticeId, { secretText: notice.secretText }),
      message_id: `<${noticeId}@${new URL(config.publicUrl).hostname}>`,
      created_at: now(),
      settled_at: null,
    })
    .execute()
  await jobs.enqueue(transaction, noticeId)
  return noticeId
}
