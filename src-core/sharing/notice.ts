/**
 * Writes the mail to recipients (U9, U16, U19) from text catalogs. It is a pure function, so that the preview shows
 * exactly what the relay sends.
 */
import { z } from 'zod'
import type { Language } from '../contract/identifiers.ts'
import { TERM_NAMES_IN_CONFIRMATION, TERM_NAMES_IN_MAIL, type TermsShownIn } from '../contract/terms/share-terms.ts'
import { formatTemplate } from '../messages/format-template.ts'
import { dayText } from './day-text.ts'
import type { ShareEnd } from './validity.ts'

const sentencesOf = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, z.string()])) as Record<Name, z.ZodString>

/** The schema of resources/messages/<language>/mail.json. formatTemplate fills the {names}. */
export const MailCatalog = z.object({
  subject: z.string(),
  subjectUrgent: z.string(),
  greeting: z.string(),
  shared: z.string(),
  examOne: z.string(),
  examOther: z.string(),
  noDescription: z.string(),
  noDate: z.string(),
  message: z.string(),
  open: z.string(),
  linkLater: z.string(),
  /** Paragraphs by the names of terms; each is written when the term applies. */
  terms: z.object(sentencesOf(TERM_NAMES_IN_MAIL)),
  validUntil: z.string(),
  end: z.object({ day: z.string(), time: z.string() }),
  unlimited: z.string(),
  contact: z.string(),
  notForYou: z.string(),
  confirmation: z.object({
    title: z.string(),
    patient: z.string(),
    patientAnonymized: z.string(),
    exam: z.string(),
    recipients: z.string(),
    right: z.string(),
    rightRead: z.string(),
    rightWrite: z.string(),
    rightAnonymized: z.string(),
    valid: z.string(),
    validUnlimited: z.string(),
    validIfToday: z.string(),
    validPeriodDayOne: z.string(),
    validPeriodDayOther: z.string(),
    validPeriodMonthOne: z.string(),
    validPeriodMonthOther: z.string(),
    safety: z.string(),
    /** Texts by the names of the terms. */
    terms: z.object(sentencesOf(TERM_NAMES_IN_CONFIRMATION)),
    message: z.string(),
    reference: z.string(),
  }),
})
export type MailCatalog = z.infer<typeof MailCatalog>

/** What the mail may say about one exam: initials, description and date (YYYYMMDD or empty). */
export interface ExamLine {
  readonly initials: string
  readonly description: string
  readonly date: string
  readonly instances: number
}

/** For each term that a mail mentions, whether it applies to the recipient. */
export type TermsOfMail = Readonly<Record<TermsShownIn<'mail'>, boolean>>

export interface NoticeInput extends TermsOfMail {
  readonly recipientName: string
  readonly sender: string
  readonly department: string
  readonly organisation: string
  readonly exams: readonly ExamLine[]
  readonly message: string
  readonly urgent: boolean
  /** null in a preview, where there is no link yet. */
  readonly link: string | null
  /** The end of the share; null when it is unlimited. */
  readonly end: ShareEnd | null
  /** The contact of the department; it may be empty. */
  readonly contact: string
}

/** The mail to one recipient, in plain text. It does not have the reason for sharing (U11). */
export function shareMail(
  catalog: MailCatalog,
  language: Language,
  input: NoticeInput,
): { subject: string; text: string } {
  const senderNames = {
    sender: oneLine(input.sender),
    department: oneLine(input.department),
    organisation: oneLine(input.organisation),
  }
  const paragraphs = [
    formatTemplate(catalog.greeting, { name: oneLine(input.recipientName) }),
    [
      formatTemplate(catalog.shared, senderNames),
      ...input.exams.map((exam) => `  • ${examText(catalog, language, exam)}`),
    ].join('\n'),
    input.message.trim() === '' ? '' : `${formatTemplate(catalog.message, senderNames)}\n${quoted(input.message)}`,
    input.link === null ? catalog.linkLater : `${catalog.open}\n${input.link}`,
    ...TERM_NAMES_IN_MAIL.map((name) => (input[name] ? catalog.terms[name] : '')),
    input.end === null
      ? catalog.unlimited
      : formatTemplate(catalog.validUntil, { end: endText(catalog, language, input.end) }),
    input.contact.trim() === '' ? '' : formatTemplate(catalog.contact, { contact: oneLine(input.contact) }),
    catalog.notForYou,
  ]
  return {
    subject: formatTemplate(input.urgent ? catalog.subjectUrgent : catalog.subject, senderNames),
    text: `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`,
  }
}

function examText(catalog: MailCatalog, language: Language, exam: ExamLine): string {
  const description = oneLine(exam.description) || catalog.noDescription
  const day = /^(\d{4})(\d\d)(\d\d)$/.exec(exam.date)
  const date = day ? dayText(`${day[1]}-${day[2]}-${day[3]}`, language) : catalog.noDate
  const text = formatTemplate(exam.instances === 1 ? catalog.examOne : catalog.examOther, {
    description,
    date,
    count: String(exam.instances),
  })
  return exam.initials === '' ? text : `${exam.initials} · ${text}`
}

/**
 * The exams of a selection for the mail. For an anonymized share only the modality is given, because name, description
 * and date were removed from the images.
 */
export function examLines(
  instances: readonly {
    readonly StudyInstanceUID: string
    readonly PatientName: string
    readonly StudyDescription: string
    readonly StudyDate: string
    readonly Modality: string
  }[],
  anonymize: boolean,
): ExamLine[] {
  const exams = new Map<string, ExamLine>()
  for (const instance of instances) {
    const initials = anonymize ? '' : patientInitials(instance.PatientName)
    // A study may have images of two patients. Those are counted separately, each under their own initials.
    const key = `${instance.StudyInstanceUID} ${initials}`
    const existing = exams.get(key)
    exams.set(
      key,
      existing
        ? { ...existing, instances: existing.instances + 1 }
        : anonymize
          ? { initials, description: instance.Modality, date: '', instances: 1 }
          : {
              initials,
              description: instance.StudyDescription || instance.Modality,
              date: instance.StudyDate,
              instances: 1,
            },
    )
  }
  return [...exams.values()]
}

/**
 * The first letters of given and family name, for example "J.D.", from the alphabetic component group where there is
 * one.
 * @param PatientName PN value: groups joined by "=", components by "^" (PS3.5 6.2)
 */
export function patientInitials(PatientName: string): string {
  const group = PatientName.split('=').find((candidate) => candidate.replaceAll('^', '').trim() !== '') ?? ''
  const [family = '', given = ''] = group.split('^')
  return [given, family]
    .map((part) => /\p{L}/u.exec(part)?.[0]?.toLocaleUpperCase() ?? '')
    .filter((letter) => letter !== '')
    .map((letter) => `${letter}.`)
    .join('')
}

/** The end of a share as a part of a sentence: "up to and including 27 Dec 2026". */
export function endText(catalog: MailCatalog, language: Language, end: ShareEnd): string {
  const values = { date: dayText(end.day, language), time: end.time ?? '' }
  return formatTemplate(end.time === null ? catalog.end.day : catalog.end.time, values)
}

/** The value in one line, so that it cannot start a new line, as a header of the mail would need. */
function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

function quoted(message: string): string {
  return message
    .trim()
    .split(/\r\n|\r|\n/)
    .map((line) => `  ${line}`)
    .join('\n')
}
