/** What notices say. */
import type { Language } from '../../src-core/contract/models.ts'
import type { ShareDetails } from '../shares/sealed-records.ts'
import { catalog, fill } from './catalog.ts'

/** The text message with a one-time password. It names nobody. */
export async function oneTimePasswordText(messagesFolder: string, language: Language, values: { code: string; organisation: string; minutes: number }): Promise<string> {
  return fill((await catalog(messagesFolder, language, 'relay'))['oneTimePassword'], values)
}

export interface ShareMail {
  readonly details: ShareDetails
  readonly recipient: string
  readonly department: string
  readonly organisation: string
  readonly link: string
  readonly expiresAt: Date | null
  readonly timeZone: string
}

/** U9: that an exam was shared, by whom, which, the link and the sender's message; U16: that it is urgent. */
export async function shareMail(messagesFolder: string, { details, link, department, organisation }: ShareMail): Promise<{ subject: string; text: string }> {
  const sentences = await catalog(messagesFolder, details.mailLanguage, 'relay')
  const subject = fill(sentences[details.urgent ? 'mailSubjectUrgent' : 'mailSubject'], { organisation })
  const exams = details.exams.map(exam => `- ${exam.initials}, ${exam.description}, ${exam.date}`)
  const lines = [fill(sentences['mailShared'], { sender: details.sender.name, department, organisation }), exams.join('\n'), link, details.message]
  return { subject, text: `${lines.filter(line => line !== '').join('\n\n')}\n` }
}
