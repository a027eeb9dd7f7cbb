/** Brings one notice out of the relay, and tells the sender what became of it (S9). */
import type { RelayContext } from '../ports/relay-context.ts'
import { VALID_MINUTES } from '../../src-core/sharing/one-time-password.ts'
import { appendEvent } from '../feed/feed-events.ts'
import { openContact, openDetails, openNotice } from '../sealing/sealed-records.ts'
import type { Channels, Outcome } from '../ports/channels.ts'
import { mailOfShare, oneTimePasswordText } from './texts.ts'

/**
 * Once taken or refused, nothing of it is kept but its state. A mail can go out twice only when the process is killed
 * between the mail
 * server's answer and the commit; it then has the same Message-ID.
 * @param last no further try follows: what cannot be sent now is undeliverable
 * @throws when it is to be tried again
 */
export async function deliverNotice(
  relay: RelayContext,
  channels: Channels,
  noticeId: string,
  last: boolean,
): Promise<void> {
  const row = await relay.db
    .selectFrom('notice')
    .innerJoin('share_grant as grant', 'grant.grant_id', 'notice.grant_id')
    .innerJoin('share', 'share.share_id', 'grant.share_id')
    .innerJoin('server_secret', 'server_secret.share_id', 'share.share_id')
    .innerJoin('department', 'department.department_id', 'share.department_id')
    .innerJoin('organisation', 'organisation.organisation_id', 'department.organisation_id')
    .select([
      'kind',
      'message_id',
      'sealed_body',
      'grant.grant_id',
      'recipient_id',
      'grant.language',
      'two_factor',
      'sealed_contact',
      'share.share_id',
      'share.department_id',
      'workstation_id',
      'sealed_details',
      'secret',
      'delivered_at',
      'expires_at',
      'policy',
      'department.name as department',
      'organisation.name as organisation',
    ])
    .where('notice_id', '=', noticeId)
    .where('state', '=', 'queued')
    .executeTakeFirst()
  // Settled before, or the share ended while the mail waited.
  if (row === undefined || row.sealed_body === null) return
  const share = { keys: relay.keys, secret: row.secret, shareId: row.share_id }
  const contact = openContact(share, row.grant_id, row.sealed_contact)
  const { secretText } = openNotice(share, noticeId, row.sealed_body)
  const { messagesFolder, publicUrl } = relay.config
  const byMail = async (): Promise<Outcome> => {
    if (contact.email === '') return { kind: 'refused', reason: 'recipient-without-email' }
    const mail = await mailOfShare(messagesFolder, {
      details: openDetails(share, row.sealed_details),
      recipient: contact.name,
      twoFactor: row.two_factor,
      contact: row.policy.contact,
      department: row.department,
      organisation: row.organisation,
      link: `${publicUrl}/s/${secretText}`,
      deliveredAt: row.delivered_at,
      expiresAt: row.expires_at,
      timeZone: row.policy.timeZone,
    })
    return channels.mail({ messageId: row.message_id, to: { name: contact.name, address: contact.email }, ...mail })
  }
  const byText = async (): Promise<Outcome> => {
    if (contact.mobile === '') return { kind: 'refused', reason: 'recipient-without-mobile' }
    const { organisation, language } = row
    const text = await oneTimePasswordText(messagesFolder, language, {
      code: secretText,
      organisation,
      minutes: VALID_MINUTES,
    })
    return channels.text({ messageId: row.message_id, to: contact.mobile, text })
  }
  const outcome = await (row.kind === 'mail' ? byMail() : byText())
  if (outcome.kind === 'later' && !last) throw new Error('later')
  const at = relay.now()
  const taken = outcome.kind === 'taken'
  await relay.db.transaction().execute(async (transaction) => {
    const settled = await transaction
      .updateTable('notice')
      .set({ state: taken ? 'sent' : 'undeliverable', sealed_body: null, settled_at: at })
      .where('notice_id', '=', noticeId)
      .where('state', '=', 'queued')
      .returning('notice_id')
      .executeTakeFirst()
    if (settled === undefined) return
    if (taken)
      await transaction
        .updateTable('share_grant')
        .set({ notified_at: at })
        .where('grant_id', '=', row.grant_id)
        .execute()
    await appendEvent(transaction, {
      type: taken ? 'notified' : 'undeliverable',
      at,
      departmentId: row.department_id,
      workstationId: row.workstation_id,
      shareId: row.share_id,
      recipientId: row.recipient_id,
      ...(outcome.kind === 'refused' && { reason: outcome.reason }),
      ...(outcome.kind === 'later' && {
        reason: row.kind === 'mail' ? 'mail-server-unreachable' : 'text-gateway-unreachable',
      }),
    })
  })
}
