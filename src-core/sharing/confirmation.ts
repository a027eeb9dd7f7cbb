/**
 * What was shared, as text to keep (U21). Plain and complete: it goes into a report or a record by "Copy this
 * information".
 */
import type { Language, ShareTerms, Validity } from '../contract/models.ts'
import { dayText, fill, type MailCatalog } from './notice.ts'
import { asksOneTimePassword } from './two-factor.ts'

export interface ConfirmationInput {
  readonly shareId: string
  readonly PatientName: string
  readonly PatientID: string
  readonly studies: readonly {
    readonly StudyDescription: string
    readonly StudyDate: string
    readonly instances: number
  }[]
  readonly recipients: readonly { readonly recipientId: string; readonly name: string }[]
  readonly terms: ShareTerms
}

export function confirmationText(catalog: MailCatalog, language: Language, input: ConfirmationInput): string {
  const words = catalog.confirmation
  const { terms } = input
  const exam = (study: ConfirmationInput['studies'][number]) => {
    const day = /^(\d{4})(\d\d)(\d\d)$/.exec(study.StudyDate)
    return fill(study.instances === 1 ? catalog.examOne : catalog.examOther, {
      description: study.StudyDescription || catalog.noDescription,
      count: String(study.instances),
      date: day ? dayText(`${day[1]}-${day[2]}-${day[3]}`, language) : catalog.noDate,
    })
  }
  const names = (of: ConfirmationInput['recipients']) => of.map(({ name }) => name).join('; ')
  const asked = input.recipients.filter(({ recipientId }) => asksOneTimePassword(terms, recipientId))
  const safety = [
    asked.length === 0
      ? ''
      : asked.length === input.recipients.length
        ? words.twoFactor
        : `${words.twoFactor} (${names(asked)})`,
    terms.anonymize ? words.anonymized : '',
    terms.urgent ? words.urgent : '',
    terms.furtherSharing ? words.furtherSharing : '',
  ].filter((each) => each !== '')
  const lines: readonly (readonly [string, string])[] = [
    [words.patient, `${readableName(input.PatientName)} (${input.PatientID})`],
    ...input.studies.map((study) => [words.exam, exam(study)] as const),
    [words.recipients, names(input.recipients)],
    [words.right, terms.right === 'images-read-report' ? words.rightRead : words.rightWrite],
    [words.valid, validityText(catalog, language, terms.validity)],
    [words.reason, terms.reason.trim()],
    [words.safety, safety.join(', ')],
    [words.message, terms.message.trim()],
    [words.reference, input.shareId],
  ]
  return [words.title, ...lines.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`)].join(
    '\n',
  )
}

function validityText(catalog: MailCatalog, language: Language, validity: Validity): string {
  const words = catalog.confirmation
  if (validity.kind === 'unlimited') return words.validUnlimited
  if (validity.kind === 'until') return dayText(validity.day, language)
  const { unit, count } = validity.period
  const template =
    unit === 'day'
      ? count === 1
        ? words.validPeriodDayOne
        : words.validPeriodDayOther
      : count === 1
        ? words.validPeriodMonthOne
        : words.validPeriodMonthOther
  return fill(template, { count: String(count) })
}

/** "DOE, Jane" from a PN value's first component group that says anything. */
export function readableName(PatientName: string): string {
  const group = PatientName.split('=').find((each) => each.replaceAll('^', '').trim() !== '') ?? ''
  const [family = '', given = '', middle = ''] = group.split('^').map((part) => part.trim())
  return [family, [given, middle].filter((part) => part !== '').join(' ')].filter((part) => part !== '').join(', ')
}
