/** What a sender decides: the selection, the terms of a share, and the department's policy for them. */
import { z } from 'zod'
import { Code, MANY, MOST_RECIPIENTS, Name, text } from './bounded.ts'
import { Day, Language, Uid } from './identifiers.ts'
import { RecipientId } from './recipients.ts'

export const Period = z.object({ unit: z.enum(['day', 'month']), count: z.number().int().min(1).max(1200) })
export type Period = z.infer<typeof Period>

/**
 * A period starts at delivery; a date stands (its whole day included, in the department's time zone); unlimited ends
 * only by withdrawal (U13).
 */
export const Validity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('period'), period: Period }),
  z.object({ kind: z.literal('until'), day: Day }),
  z.object({ kind: z.literal('unlimited') }),
])
export type Validity = z.infer<typeof Validity>

export const Right = z.enum(['images-read-report', 'images-write-report'])
export type Right = z.infer<typeof Right>

/** A department's defaults and limits for shares with users. */
export const SharePolicy = z.object({
  validity: z.object({ default: Validity, maximum: Period.nullable(), unlimitedOffered: z.boolean() }),
  twoFactor: z.enum(['required', 'offered']),
  sendMail: z.enum(['required', 'offered']),
  rights: z.array(Right).min(1).max(10),
  anonymize: z.enum(['required', 'offered']),
  furtherSharing: z.enum(['offered', 'forbidden']),
  /** Predefined reasons, one click each (U11). */
  reasons: z.array(Name).max(200),
  defaultLanguage: Language,
  /** IANA name; days of validity end at midnight there. */
  timeZone: Code,
  /** Whom a recipient may ask: shown when a link has expired. */
  contact: text(1000),
})
export type SharePolicy = z.infer<typeof SharePolicy>

/** Options of the profile that a share may choose (PS3.15 Table E.1-1, one name per column). */
export const DeidentifyOptions = z
  .array(
    z.enum([
      'retainUIDs',
      'retainDeviceIdentity',
      'retainInstitutionIdentity',
      'retainPatientCharacteristics',
      'retainLongitudinalFullDates',
      'retainLongitudinalModifiedDates',
      'retainSafePrivate',
      'cleanDescriptors',
      'cleanStructuredContent',
      'cleanGraphics',
      'cleanRecognizableVisualFeatures',
    ]),
  )
  .max(11)
export type DeidentifyOptions = z.infer<typeof DeidentifyOptions>

/** What the sender sets. The mail's language is settled by the rule of U12 when null. */
export const ShareTerms = z.object({
  right: Right,
  reason: text(1000),
  validity: Validity,
  patientAgreed: z.boolean(),
  urgent: z.boolean(),
  anonymize: z.boolean(),
  /** Of an anonymized share: options of the profile (D2); absent: none. */
  deidentify: DeidentifyOptions.optional(),
  twoFactor: z.boolean(),
  /** Recipients who open by their link alone although two-factor is on; never where the department requires it. */
  withoutTwoFactor: z.array(RecipientId).max(MOST_RECIPIENTS).optional(),
  sendMail: z.boolean(),
  furtherSharing: z.boolean(),
  message: z.string().max(10_000),
  mailLanguage: Language.nullable(),
})
export type ShareTerms = z.infer<typeof ShareTerms>

/** What the user picked. Only whole instances; leftOut names those taken out again. */
export const Selection = z.object({
  studies: z
    .array(
      z.object({
        StudyInstanceUID: Uid,
        /** null: every series. */
        series: z.array(Uid).max(100_000).nullable(),
      }),
    )
    .min(1)
    .max(20_000),
  leftOut: z.array(Uid).max(MANY).default([]),
})
export type Selection = z.infer<typeof Selection>
