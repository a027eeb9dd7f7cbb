/** The term that says how long the share can be opened (U13). */
import { addPeriod, periodDays } from '../../calendar/period.ts'
import { Validity } from '../terms.ts'
import { defineTerm, refusal } from './term.ts'

/**
 * Reads `unlimited`, `30d`, `1m`, or a day as YYYY-MM-DD. Any other text is passed on as a day, which the schema
 * refuses.
 */
function readValidity(text: string): unknown {
  if (text === 'unlimited') return { kind: 'unlimited' }
  const period = /^(\d{1,4})([dm])$/.exec(text)
  if (period) return { kind: 'period', period: { unit: period[2] === 'd' ? 'day' : 'month', count: Number(period[1]) } }
  return { kind: 'until', day: text }
}

export const validity = defineTerm(
  Validity,
  { audience: 'relay', secret: false, perRecipient: false, audited: 'value', shownIn: [] },
  {
    default: (policy) => policy.validity.default,
    // The shortest period, so that the share ends in any case.
    whenAbsent: { kind: 'period', period: { unit: 'day', count: 1 } },
    protection: (value) =>
      value.kind === 'unlimited' ? -Infinity : value.kind === 'period' ? -periodDays(value.period) : -1,
    refusals: (value, policy, { today }) => {
      if (value.kind === 'unlimited') return policy.validity.unlimitedOffered ? [] : [refusal('unlimited-not-offered')]
      const day = value.kind === 'until' ? value.day : addPeriod(today, value.period)
      if (day < today) return [refusal('validity-in-the-past')]
      const { maximum } = policy.validity
      return maximum !== null && day > addPeriod(today, maximum) ? [refusal('validity-over-maximum')] : []
    },
    flag: { name: 'validity', form: 'text', hint: '1m|30d|YYYY-MM-DD|unlimited', read: readValidity },
  },
)
