/** The terms that say whether and how recipients are notified of the share (U9, U12, U16, U19). */
import { z } from 'zod'
import { text } from '../bounded.ts'
import { Language } from '../identifiers.ts'
import { defineTerm, refusal } from './term.ts'

export const sendMail = defineTerm(
  z.boolean(),
  { audience: 'relay', secret: false, perRecipient: false, audited: 'value', shownIn: [] },
  {
    default: (policy, last) => policy.sendMail === 'required' || last !== false,
    // If the sender did not choose a mail, sending one would disclose that the exam exists.
    whenAbsent: false,
    protection: (value) => (value ? 0 : 1),
    refusals: (value, policy, { recipients }) => {
      if (policy.sendMail !== 'required') return []
      // When mail is only offered, a recipient without an address gets none.
      const withoutEmail = recipients.filter(({ hasEmail }) => !hasEmail)
      return [
        ...withoutEmail.map(({ recipientId }) => ({ code: 'recipient-without-email' as const, recipientId })),
        ...(value ? [] : [refusal('send-mail-required')]),
      ]
    },
    flag: { name: 'send-mail', form: 'on-off' },
  },
)

export const urgent = defineTerm(
  z.boolean(),
  { audience: 'recipient', secret: false, perRecipient: false, audited: 'value', shownIn: ['confirmation'] },
  { default: () => false, whenAbsent: false, flag: { name: 'urgent', form: 'switch' } },
)

/** The message of the sender. It may name the patient. */
export const message = defineTerm(
  text(10_000),
  { audience: 'recipient', secret: true, perRecipient: false, audited: 'presence', shownIn: ['history'] },
  { default: () => '', whenAbsent: '', flag: { name: 'message', form: 'text', hint: 'TEXT' } },
)

/** null: the rule of U12 decides. The resulting language is in the ledger, the audit log and the request. */
export const mailLanguage = defineTerm(
  Language.nullable(),
  { audience: 'workstation', secret: false, perRecipient: false, audited: false, shownIn: [] },
  {
    default: () => null,
    whenAbsent: null,
    flag: { name: 'language', form: 'text', hint: Language.options.join('|') },
  },
)
