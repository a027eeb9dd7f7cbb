/**
 * Writes the confirmation of a share, which the sender sees and may paste elsewhere (U21). Because it leaves the
 * workstation by the clipboard, it never has the reason, which no recipient may see (U11). For an anonymized share it
 * has nothing that names the patient: no name, ID, exam description, exam date or message (U17).
 */
import type { Language } from '../contract/identifiers.ts'
import type { Period } from '../contract/terms.ts'
import { TERM_NAMES_IN_CONFIRMATION, type ShareTerms } from '../contract/terms/share-terms.ts'
import { displayName } from '../patient/display-name.ts'
import { dayText } from './day-text.ts'
import { formatTemplate } from '../messages/format-template.ts'
import { endText, type MailCatalog } from './notice.ts'
import { asksOneTimePassword } from './two-factor.ts'
import { expiresAt, shareEnd } from './validity.ts'

export interface ConfirmationInput {
  readonly shareId: string
  /** Each patient whose images are shared, once. */
  readonly patients: readonly { readonly PatientName: string; readonly PatientID: string }[]
  readonly studies: readonly {
    readonly StudyDescription: string
    readonly StudyDate: string
    readonly Modality: string
    readonly instances: number
  }[]
  readonly recipients: readonly { readonly recipientId: string; readonly name: string }[]
  readonly terms: ShareTerms
  readonly sharedAt: Date
  /** The time zone of the department; an IANA name. */
  readonly timeZone: string
}

export function confirmationText(catalog: MailCatalog, language: Language, input: ConfirmationInput): string {
  const words = catalog.confirmation
  const { terms } = input
  const exam = (study: ConfirmationInput['studies'][number]) => {
    const day = terms.anonymize ? null : /^(\d{4})(\d\d)(\d\d)$/.exec(study.StudyDate)
    return formatTemplate(study.instances === 1 ? catalog.examOne : catalog.examOther, {
      description: (terms.anonymize ? study.Modality : study.StudyDescription) || catalog.noDescription,
      count: String(study.instances),
      date: day ? dayText(`${day[1]}-${day[2]}-${day[3]}`, language) : catalog.noDate,
    })
  }
  const names = (recipients: ConfirmationInput['recipients']) => recipients.map(({ name }) => name).join('; ')
  const askedRecipients = input.recipients.filter(({ recipientId }) => asksOneTimePassword(terms, recipientId))
  const safety = TERM_NAMES_IN_CONFIRMATION.filter((name) =>
    name === 'twoFactor' ? askedRecipients.length > 0 : terms[name],
  ).map((name) =>
    // When two-factor does not apply to all recipients, those to whom it applies are named.
    name === 'twoFactor' && askedRecipients.length < input.recipients.length
      ? `${words.terms[name]} (${names(askedRecipients)})`
      : words.terms[name],
  )
  const lines: readonly (readonly [string, string])[] = [
    ...(terms.anonymize
      ? [[words.patient, words.patientAnonymized] as const]
      : input.patients.map(
          ({ PatientName, PatientID }) => [words.patient, `${displayName(PatientName)} (${PatientID})`] as const,
        )),
    ...input.studies.map((study) => [words.exam, exam(study)] as const),
    [words.recipients, names(input.recipients)],
    [words.right, rightText(words, terms)],
    [words.valid, validityText(catalog, language, input)],
    [words.safety, safety.join(', ')],
    [words.message, terms.anonymize ? '' : terms.message.trim()],
    [words.reference, input.shareId],
  ]
  return [words.title, ...lines.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`)].join(
    '\n',
  )
}

function rightText(words: MailCatalog['confirmation'], { anonymize, right }: ShareTerms): string {
  if (anonymize) return words.rightAnonymized
  return right === 'images-read-report' ? words.rightRead : words.rightWrite
}

function validityText(catalog: MailCatalog, language: Language, input: ConfirmationInput): string {
  const words = catalog.confirmation
  const { validity } = input.terms
  const last = expiresAt(validity, input.sharedAt, input.timeZone)
  if (last === null) return words.validUnlimited
  const end = endText(catalog, language, shareEnd(last, input.sharedAt, input.timeZone))
  return validity.kind === 'period'
    ? formatTemplate(words.validIfToday, { period: periodText(words, validity.period), end })
    : end
}

function periodText(words: MailCatalog['confirmation'], { unit, count }: Period): string {
  const singular = unit === 'day' ? words.validPeriodDayOne : words.validPeriodMonthOne
  const plural = unit === 'day' ? words.validPeriodDayOther : words.validPeriodMonthOther
  return formatTemplate(count === 1 ? singular : plural, { count: String(count) })
}
