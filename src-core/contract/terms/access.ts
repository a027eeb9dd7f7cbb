/** The terms that say what the recipient may do with the images (U10, U18). */
import { z } from 'zod'
import { Right } from '../terms.ts'
import { defineTerm, refusal } from './term.ts'

export const right = defineTerm(
  Right,
  { audience: 'recipient', secret: false, perRecipient: true, audited: 'value', shownIn: ['history'] },
  {
    default: (policy, last) => (last !== undefined && policy.rights.includes(last) ? last : policy.rights[0]!),
    whenAbsent: 'images-read-report',
    protection: (value) => (value === 'images-read-report' ? 1 : 0),
    refusals: (value, policy) => (policy.rights.includes(value) ? [] : [refusal('right-not-offered')]),
    flag: { name: 'right', form: 'text', hint: 'RIGHT' },
  },
)

export const furtherSharing = defineTerm(
  z.boolean(),
  {
    audience: 'recipient',
    secret: false,
    perRecipient: false,
    audited: 'value',
    shownIn: ['history', 'confirmation'],
  },
  {
    default: () => false,
    whenAbsent: false,
    protection: (value) => (value ? 0 : 1),
    refusals: (value, policy) =>
      value && policy.furtherSharing === 'forbidden' ? [refusal('further-sharing-forbidden')] : [],
    flag: { name: 'further-sharing', form: 'switch' },
  },
)
