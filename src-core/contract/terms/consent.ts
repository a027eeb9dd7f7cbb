/** Why the images are shared (U11), and that the patient agreed (U14). Neither leaves the workstation. */
import { z } from 'zod'
import { text } from '../bounded.ts'
import { defineTerm, REFUSED, refusal } from './term.ts'

export const reason = defineTerm(
  text(1000),
  { audience: 'workstation', secret: false, perRecipient: false, audited: 'value', shownIn: ['history'] },
  {
    default: () => '',
    whenAbsent: REFUSED,
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
