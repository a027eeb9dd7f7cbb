/** The text message with a one-time password (U7). It contains no name of a person. */
import { formatTemplate } from '../../../src-core/messages/format-template.ts'
import { VALID_MINUTES } from '../../../src-core/sharing/one-time-password.ts'
import { record } from '../../audit/relay-log.ts'
import { loadRelayCatalog } from '../relay-catalog.ts'
import type { NoticeKind } from './kind.ts'

export const oneTimePassword: NoticeKind = {
  priority: 10,
  urgent: true,
  validMinutes: VALID_MINUTES,

  async compose({ language, organisation, secretText }, { messagesFolder }) {
    const { oneTimePassword: template } = await loadRelayCatalog(messagesFolder, language)
    const text = formatTemplate(template, { code: secretText, organisation, minutes: VALID_MINUTES })
    return { subject: '', text }
  },

  /** Deletes a code that was not sent, so that the recipient can request another one at once. */
  async onSettled(transaction, notice, { state, at }) {
    if (state === 'sent') return
    const { grantId, createdAt, departmentId, workstationId, shareId, recipientId } = notice
    await transaction
      .deleteFrom('one_time_password')
      .where('grant_id', '=', grantId)
      .where('sent_at', '=', createdAt)
      .execute()
    await record(transaction, {
      at,
      actor: { kind: 'recipient', id: recipientId },
      action: 'code-not-sent',
      departmentId,
      workstationId,
      shareId,
      recipientId,
      detail: {},
    })
  },
}
