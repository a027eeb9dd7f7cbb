/** Why the images are shared (U11), and that the patient agreed (U14). Neither leaves the workstation. */
import { z } from 'zod'
import { cutText, text } from '../bounded.ts'
import { defineTerm, REFUSED, refusal } from './term.ts'

const MOST_LETTERS = 1000

export const reason = defineTerm(
  text(MOST_LETTERS),
  { audience: 'workstation', secret: false, perRecipient: false, audited: 'value', shownIn: ['history'] },
  {
    default: () => '',
    whenAbsent: REFUSED,
    earlier: cutText(MOST_LETTERS),
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
