/**
 * Schemas of the values of terms, the department's policy for them, and the selection. The terms themselves are in
 * terms/table.ts.
 */
import { z } from 'zod'
import { Code, MAX_LIST_LENGTH, Name, text } from './bounded.ts'
import { Day, Language, Uid } from './identifiers.ts'

export const Period = z.object({ unit: z.enum(['day', 'month']), count: z.number().int().min(1).max(1200) })
export type Period = z.infer<typeof Period>

/**
 * A period starts at delivery. A date is fixed, and its whole day is included in the department's time zone. An
 * unlimited share ends only by withdrawal (U13).
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
  /** Predefined reasons that are chosen by one click (U11). */
  reasons: z.array(Name).max(200),
  defaultLanguage: Language,
  /** An IANA name. Days of validity end at midnight in this time zone. */
  timeZone: Code,
  /** The contact for recipients, which is shown when a link has expired. */
  contact: text(1000),
})
export type SharePolicy = z.infer<typeof SharePolicy>

/** The options of the profile that a share may choose (PS3.15 Table E.1-1, one name for each column). */
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

/** What the user selected. It has whole instances only; leftOut has the UIDs of instances that were removed again. */
export const Selection = z.object({
  studies: z
    .array(
      z.object({
        StudyInstanceUID: Uid,
        /** The selected series; null when every series is selected. */
        series: z.array(Uid).max(100_000).nullable(),
      }),
    )
    .min(1)
    .max(20_000),
  leftOut: z.array(Uid).max(MAX_LIST_LENGTH).default([]),
})
export type Selection = z.infer<typeof Selection>
