/** What notices say. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson } from '../../src-core/parse-json.ts'
import type { Language } from '../../src-core/contract/identifiers.ts'
import { MailCatalog, shareMail } from '../../src-core/sharing/notice.ts'
import { shareEnd } from '../../src-core/sharing/validity.ts'
import type { ShareDetails } from '../sealing/sealed-records.ts'
import { catalog, fill } from './catalog.ts'

/** The text message with a one-time password. It names nobody. */
export async function oneTimePasswordText(
  messagesFolder: string,
  language: Language,
  values: { code: string; organisation: string; minutes: number },
): Promise<string> {
  return fill((await catalog(messagesFolder, language, 'relay'))['oneTimePassword'], values)
}

export interface ShareMail {
  readonly details: ShareDetails
  readonly recipient: string
  readonly twoFactor: boolean
  readonly department: string
  readonly organisation: string
  readonly contact: string
  readonly link: string
  readonly deliveredAt: Date
  /** null: unlimited. */
  readonly expiresAt: Date | null
  readonly timeZone: string
}

/** The mail as the sender's preview shows it (U9, U16, U19), with the link in it. */
export async function mailOfShare(
  messagesFolder: string,
  { details, recipient, deliveredAt, expiresAt, timeZone, ...rest }: ShareMail,
): Promise<{ subject: string; text: string }> {
  const language = details.mailLanguage
  const sentences = parseJson(
    await readFile(join(messagesFolder, language, 'mail.json'), 'utf8'),
    MailCatalog,
    'internal',
  )
  return shareMail(sentences, language, {
    ...rest,
    recipientName: recipient,
    sender: details.sender.name,
    exams: details.exams,
    message: details.message,
    urgent: details.urgent,
    end: expiresAt && shareEnd(expiresAt, deliveredAt, timeZone),
  })
}
