/** The mail with the link to a share (U9). */
import { shareMail } from '../../../src-core/sharing/notice.ts'
import { shareEnd } from '../../../src-core/sharing/validity.ts'
import { loadMailCatalog } from '../../../src-engine/messages/catalogs.ts'
import { appendEvent } from '../../feed/feed-events.ts'
import type { NoticeKind } from './kind.ts'

export const mailOfShare: NoticeKind = {
  priority: 0,
  urgent: false,
  validMinutes: null,

  /** Writes the same mail as the sender's preview shows (U9, U16, U19), with the link. */
  async compose({ details, terms, contact, policy, secretText, ...notice }, { messagesFolder, publicUrl }) {
    const language = details.mailLanguage
    return shareMail(await loadMailCatalog(messagesFolder, language), language, {
      ...terms,
      twoFactor: notice.twoFactor,
      department: notice.department,
      organisation: notice.organisation,
      contact: policy.contact,
      link: `${publicUrl}/s/${secretText}`,
      recipientName: contact.name,
      sender: details.sender.name,
      exams: details.exams,
      message: details.message,
      end: notice.expiresAt && shareEnd(notice.expiresAt, notice.deliveredAt, policy.timeZone),
    })
  },

  /** Reports the outcome to the sender by the feed (S9). */
  async onSettled(transaction, { grantId, departmentId, workstationId, shareId, recipientId }, settlement) {
    const { at, state } = settlement
    if (state === 'sent')
      await transaction.updateTable('share_grant').set({ notified_at: at }).where('grant_id', '=', grantId).execute()
    await appendEvent(transaction, {
      type: state === 'sent' ? 'notified' : 'undeliverable',
      at,
      departmentId,
      workstationId,
      shareId,
      recipientId,
      ...(state === 'undeliverable' && { reason: settlement.reason }),
    })
  },
}
