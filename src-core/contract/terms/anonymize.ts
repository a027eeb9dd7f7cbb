/** The terms that say whether the images leave de-identified (U17), and with which options of the profile (D2). */
import { z } from 'zod'
import { DeidentifyOptions } from '../terms.ts'
import { defineTerm, refusal } from './term.ts'

export const anonymize = defineTerm(
  z.boolean(),
  {
    audience: 'recipient',
    secret: false,
    perRecipient: false,
    audited: 'value',
    shownIn: ['history', 'confirmation'],
  },
  {
    default: (policy) => policy.anonymize === 'required',
    whenAbsent: true,
    protection: (value) => (value ? 1 : 0),
    refusals: (value, policy) => (policy.anonymize === 'required' && !value ? [refusal('anonymize-required')] : []),
    flag: { name: 'anonymize', form: 'switch' },
  },
)

/**
 * The options of an anonymized share. Without an option nothing is retained, and everything that would need cleaning is
 * removed.
 */
export const deidentify = defineTerm(
  DeidentifyOptions.optional(),
  { audience: 'workstation', secret: false, perRecipient: false, audited: 'value', shownIn: [] },
  {
    default: () => undefined,
    whenAbsent: undefined,
    protection: (value) => -(value ?? []).length,
    flag: null,
  },
)
