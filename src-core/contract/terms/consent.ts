/**
 * The terms for the reason of the share (U11) and for the patient's agreement (U14). Neither leaves the workstation.
 */
import { z } from 'zod'
import { cutText, text } from '../bounded.ts'
import { defineTerm, REFUSED, refusal } from './term.ts'

const MAX_REASON_LENGTH = 1000

export const reason = defineTerm(
  text(MAX_REASON_LENGTH),
  { audience: 'workstation', secret: false, perRecipient: false, audited: 'value', shownIn: ['history'] },
  {
    default: () => '',
    whenAbsent: REFUSED,
    earlier: cutText(MAX_REASON_LENGTH),
    refusals: (value) => (value.trim() === '' ? [refusal('reason-required')] : []),
    flag: { name: 'reason', form: 'text', hint: 'TEXT' },
  },
)

export const patientAgreed = defineTerm(
  z.boolean(),
  { audience: 'workstation', secret: false, perRecipient: false, audited: 'value', shownIn: [] },
  {
    default: () => false,
    whenAbsent: REFUSED,
    refusals: (value) => (value ? [] : [refusal('patient-not-agreed')]),
    flag: { name: 'patient-agreed', form: 'switch' },
  },
)
