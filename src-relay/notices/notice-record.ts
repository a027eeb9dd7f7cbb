/** Reads a queued notice with everything that its text needs, and unseals it for sending. */
import { RelayTerms } from '../../src-core/contract/terms/share-terms.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { openContact, openDetails, openNotice } from '../sealing/sealed-records.ts'

export type NoticeRecord = NonNullable<Awaited<ReturnType<typeof readNotice>>>

/** @returns null when the notice was settled before; the end of its share settles it too */
export async function readNotice({ db, keys }: RelayContext, noticeId: string) {
  const row = await db
    .selectFrom('notice')
    .innerJoin('share_grant as grant', 'grant.grant_id', 'notice.grant_id')
    .innerJoin('share', 'share.share_id', 'grant.share_id')
    .innerJoin('server_secret', 'server_secret.share_id', 'share.share_id')
    .innerJoin('department', 'department.department_id', 'share.department_id')
    .innerJoin('organisation', 'organisation.organisation_id', 'department.organisation_id')
    .select([
      'notice.notice_id as noticeId',
      'kind',
      'channel',
      'message_id as messageId',
      'notice.created_at as createdAt',
      'sealed_body',
      'grant.grant_id as grantId',
      'recipient_id as recipientId',
      'grant.language',
      'two_factor as twoFactor',
      'sealed_contact',
      'share.share_id as shareId',
      'share.department_id as departmentId',
      'workstation_id as workstationId',
      'sealed_details',
      'terms',
      'secret',
      'delivered_at as deliveredAt',
      'expires_at as expiresAt',
      'policy',
      'department.name as department',
      'organisation.name as organisation',
    ])
    .where('notice_id', '=', noticeId)
    .where('state', '=', 'queued')
    .executeTakeFirst()
  if (row === undefined || row.sealed_body === null) return null
  const { sealed_body: body, sealed_contact: contact, sealed_details: details, terms, secret, ...notice } = row
  const share = { keys, secret, shareId: row.shareId }
  return {
    ...notice,
    terms: RelayTerms.parse(terms),
    details: openDetails(share, details),
    contact: openContact(share, row.grantId, contact),
    /** The token of a link, or a code. */
    secretText: openNotice(share, noticeId, body).secretText,
  }
}
