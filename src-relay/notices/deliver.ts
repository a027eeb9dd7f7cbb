/** Sends one notice by its channel. */
import type { RelayContext } from '../ports/relay-context.ts'
import { readNotice, type NoticeRecord } from './notice-record.ts'
import type { Channels } from './open-channels.ts'
import { channelOf, kindOf } from './registry.ts'
import { settleNotice } from './settle-notice.ts'

/** The reason of a notice that was not sent within its validity. */
export const TOO_LATE = 'too-late'

/**
 * Sends a queued notice and stores the outcome. A notice is sent twice only if the process is killed between the answer
 * of the channel and the commit; both then have the same Message-ID.
 * @param last whether no further try follows, so that a notice that cannot be sent now is undeliverable
 * @throws when the notice is to be tried again
 */
export async function deliverNotice(
  relay: RelayContext,
  channels: Channels,
  noticeId: string,
  last: boolean,
): Promise<void> {
  const notice = await readNotice(relay, noticeId)
  if (notice === null) return
  const reason = await send(relay, channels, notice, last || kindOf(notice.kind).urgent)
  await settleNotice(relay, notice, reason === null ? { state: 'sent' } : { state: 'undeliverable', reason })
}

/**
 * @returns null when the channel took the notice, else why it is undeliverable.
 * @throws when it is to be tried again
 */
async function send(
  relay: RelayContext,
  channels: Channels,
  notice: NoticeRecord,
  last: boolean,
): Promise<string | null> {
  const kind = kindOf(notice.kind)
  const channel = channelOf(notice.channel)
  if (kind.validMinutes !== null && relay.now().getTime() - notice.createdAt.getTime() >= kind.validMinutes * 60_000)
    return TOO_LATE
  const address = channel.address(notice.contact)
  if (address === '') return channel.missingAddressReason
  const outcome = await channels.send(notice.channel, {
    messageId: notice.messageId,
    to: { name: notice.contact.name, address },
    ...(await kind.compose(notice, relay.config)),
  })
  if (outcome.kind === 'later' && !last) throw new Error('later')
  if (outcome.kind === 'taken') return null
  return outcome.kind === 'refused' ? outcome.reason : channel.unreachableReason
}
