/** The table of all terms of a share, in the order in which history and confirmation show them. */
import { furtherSharing, right } from './access.ts'
import { anonymize, deidentify } from './anonymize.ts'
import { patientAgreed, reason } from './consent.ts'
import { mailLanguage, message, sendMail, urgent } from './notice.ts'
import type { AnyTerm, TermTraits } from './term.ts'
import { twoFactor, withoutTwoFactor } from './two-factor.ts'
import { validity } from './validity.ts'

export const TERMS = {
  reason,
  patientAgreed,
  right,
  validity,
  twoFactor,
  withoutTwoFactor,
  sendMail,
  anonymize,
  deidentify,
  urgent,
  furtherSharing,
  message,
  mailLanguage,
}
export type Terms = typeof TERMS
export type TermName = keyof Terms

/** The type of any table of terms, because tests add terms that the program does not have. */
export type TermTable = Readonly<Record<string, AnyTerm>>

/** The names of the terms whose descriptors have these traits. */
export type TermsWith<Traits extends Partial<TermTraits>> = {
  [Name in TermName]: Terms[Name] extends Traits ? Name : never
}[TermName]
