/**
 * The personal data of a share. It is stored only sealed, under relay key and server secret: once the server secret is
 * deleted it cannot be read any more.
 */
import { z } from 'zod'
import { parseJson } from '../../src-core/parse-json.ts'
import { ConfirmRequest } from '../../src-core/contract/relay.ts'
import { SealedTerms } from '../../src-core/contract/terms/share-terms.ts'
import { openForShare, sealForShare } from './relay-keys.ts'
import type { RelayKeys } from '../ports/relay-context.ts'

const { exams, mailLanguage } = ConfirmRequest.shape
export const ShareDetails = z.object({
  sender: z.object({ staffId: z.string(), name: z.string() }),
  exams,
  mailLanguage,
  ...SealedTerms.shape,
})
export type ShareDetails = z.infer<typeof ShareDetails>

export const GrantContact = z.object({ name: z.string(), email: z.string(), mobile: z.string() })
export type GrantContact = z.infer<typeof GrantContact>

/** secretText is the token of the link in a mail, or the code in a text message. */
export const NoticeBody = z.object({ secretText: z.string() })
export type NoticeBody = z.infer<typeof NoticeBody>

export interface ShareSecret {
  readonly keys: RelayKeys
  readonly secret: Uint8Array
  readonly shareId: string
}

const seal = (share: ShareSecret, purpose: string, value: unknown): Buffer =>
  sealForShare(share.keys, share.secret, share.shareId, purpose, Buffer.from(JSON.stringify(value)))
const open = <Value>(share: ShareSecret, purpose: string, sealed: Uint8Array, schema: z.ZodType<Value>): Value => {
  const text = openForShare(share.keys, share.secret, share.shareId, purpose, sealed).toString('utf8')
  return parseJson(text, schema, 'package-damaged')
}

export const sealDetails = (share: ShareSecret, details: ShareDetails): Buffer =>
  seal(share, 'share details', ShareDetails.parse(details))
/** @error package-damaged */
export const openDetails = (share: ShareSecret, sealed: Uint8Array): ShareDetails =>
  open(share, 'share details', sealed, ShareDetails)

export const sealContact = (share: ShareSecret, grantId: string, contact: GrantContact): Buffer =>
  seal(share, `grant contact ${grantId}`, GrantContact.parse(contact))
/** @error package-damaged */
export const openContact = (share: ShareSecret, grantId: string, sealed: Uint8Array): GrantContact =>
  open(share, `grant contact ${grantId}`, sealed, GrantContact)

export const sealNotice = (share: ShareSecret, noticeId: string, body: NoticeBody): Buffer =>
  seal(share, `notice ${noticeId}`, body)
/** @error package-damaged */
export const openNotice = (share: ShareSecret, noticeId: string, sealed: Uint8Array): NoticeBody =>
  open(share, `notice ${noticeId}`, sealed, NoticeBody)
