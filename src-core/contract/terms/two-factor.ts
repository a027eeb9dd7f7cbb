/** The terms that say whether recipients enter a one-time password before they can open the share (U7). */
import { z } from 'zod'
import { MAX_RECIPIENTS } from '../bounded.ts'
import { RecipientId } from '../recipients.ts'
import { defineTerm, refusal } from './term.ts'

export const twoFactor = defineTerm(
  z.boolean(),
  {
    audience: 'relay',
    secret: false,
    perRecipient: true,
    audited: 'value',
    shownIn: ['history', 'confirmation', 'mail'],
  },
  {
    // Staff who have not chosen yet get the safe choice (U20).
    default: (policy, last) => policy.twoFactor === 'required' || last !== false,
    whenAbsent: true,
    protection: (value) => (value ? 1 : 0),
    refusals: (value, policy, { recipients }) => {
      const withoutMobile = recipients.filter((recipient) => recipient.asksOneTimePassword && !recipient.hasMobile)
      const isAskedOfAll = value && recipients.every((recipient) => recipient.asksOneTimePassword)
      return [
        ...withoutMobile.map(({ recipientId }) => ({ code: 'recipient-without-mobile' as const, recipientId })),
        ...(policy.twoFactor === 'required' && !isAskedOfAll ? [refusal('two-factor-required')] : []),
      ]
    },
    flag: { name: 'two-factor', form: 'on-off' },
  },
)

/**
 * Recipients who open by their link alone although two-factor is on. Where the policy requires two-factor, it applies
 * to all of them.
 */
export const withoutTwoFactor = defineTerm(
  z.array(RecipientId).max(MAX_RECIPIENTS).optional(),
  { audience: 'relay', secret: false, perRecipient: true, audited: 'value', shownIn: [] },
  {
    default: () => undefined,
    whenAbsent: undefined,
    protection: (value) => -(value ?? []).length,
    flag: null,
  },
)
