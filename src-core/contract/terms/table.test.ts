import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auditedTerms } from '../../sharing/audited-terms.ts'
import { defaultTerms } from '../../sharing/default-terms.ts'
import { checkTerms } from '../../sharing/terms.ts'
import type { SharePolicy } from '../terms.ts'
import { earlierTerms, RelayTerms, RecipientTerms, ShareTerms, termNames } from './share-terms.ts'
import { TERMS, type TermName, type TermTable } from './table.ts'
import { REFUSED, defineTerm, type AnyTerm } from './term.ts'
import { z } from 'zod'

const table: TermTable = TERMS
const terms = Object.entries(table)
const now = new Date('2026-11-21T10:00:00Z')

const period = fc.record({
  unit: fc.constantFrom('day' as const, 'month' as const),
  count: fc.integer({ min: 1, max: 1200 }),
})
const validity = fc.oneof(
  fc.record({ kind: fc.constant('period' as const), period }),
  fc.constant({ kind: 'until' as const, day: '2026-12-24' }),
  fc.constant({ kind: 'unlimited' as const }),
)
const rights = fc.constantFrom('images-read-report' as const, 'images-write-report' as const)
/** Values of every term. The type of the keys ensures that no term is missing. */
const VALUES: { readonly [Name in TermName]-?: fc.Arbitrary<ShareTerms[Name]> } = {
  reason: fc.constant('Second opinion'),
  patientAgreed: fc.boolean(),
  right: rights,
  validity,
  twoFactor: fc.boolean(),
  withoutTwoFactor: fc.option(fc.uniqueArray(fc.constantFrom('r1', 'r2')), { nil: undefined }),
  sendMail: fc.boolean(),
  anonymize: fc.boolean(),
  deidentify: fc.option(fc.subarray<'retainUIDs' | 'cleanGraphics'>(['retainUIDs', 'cleanGraphics']), {
    nil: undefined,
  }),
  urgent: fc.boolean(),
  furtherSharing: fc.boolean(),
  message: fc.string(),
  mailLanguage: fc.constantFrom('en' as const, 'fr' as const, null),
}
const policies: fc.Arbitrary<SharePolicy> = fc.record({
  validity: fc.constant({
    default: { kind: 'period', period: { unit: 'month', count: 1 } } as const,
    maximum: { unit: 'month', count: 3 } as const,
    unlimitedOffered: false,
  }),
  twoFactor: fc.constantFrom('required', 'offered'),
  sendMail: fc.constantFrom('required', 'offered'),
  rights: fc.uniqueArray(rights, { minLength: 1 }),
  anonymize: fc.constantFrom('required', 'offered'),
  furtherSharing: fc.constantFrom('offered', 'forbidden'),
  reasons: fc.constant([]),
  defaultLanguage: fc.constant('en' as const),
  timeZone: fc.constant('Europe/Brussels'),
  contact: fc.constant(''),
})

describe('the table of terms', () => {
  it.each(terms)(
    'X1: what stands for %s where it is missing protects as much as any value, or it is refused',
    (name, term) => {
      const stands = term.whenAbsent
      if (stands === REFUSED) {
        expect(earlierTerms([name as TermName]).safeParse({}).success).toBe(false)
        return
      }
      expect(term.schema.safeParse(stands).success).toBe(true)
      expect(earlierTerms([name as TermName]).parse({})).toEqual(stands === undefined ? {} : { [name]: stands })
      fc.assert(
        fc.property(VALUES[name as TermName] as fc.Arbitrary<unknown>, (value) => {
          expect(term.schema.safeParse(value).success).toBe(true)
          expect(term.protection?.(stands) ?? 0).toBeGreaterThanOrEqual(term.protection?.(value) ?? 0)
        }),
      )
    },
  )

  it('U20: the defaults of a share are never what the policy refuses, whatever was chosen last', () =>
    fc.assert(
      fc.property(policies, fc.record(VALUES), (policy, last) => {
        const reached = { now, recipients: [{ recipientId: 'r1', hasMobile: true, hasEmail: true }] }
        const chosen = { reason: 'Second opinion', patientAgreed: true }
        const made = { ...defaultTerms(policy, last as ShareTerms), ...chosen }
        expect(ShareTerms.safeParse(made).error).toBeUndefined()
        expect(checkTerms(made, policy, reached)).toEqual([])
      }),
    ))

  it('U20: the defaults of someone who has not chosen yet are at least as safe as those of anybody who has', () =>
    fc.assert(
      fc.property(policies, fc.boolean(), (policy, twoFactor) => {
        const { protection } = TERMS.twoFactor
        const [fresh, chosen] = [defaultTerms(policy, {}), defaultTerms(policy, { twoFactor })]
        expect(protection?.(fresh.twoFactor)).toBeGreaterThanOrEqual(protection?.(chosen.twoFactor) ?? 0)
      }),
    ))

  it('X1: a term that nobody knows is refused by its name', () =>
    expect(ShareTerms.safeParse({ linkPassword: 'x' }).error?.issues).toContainEqual(
      expect.objectContaining({ code: 'unrecognized_keys', keys: ['linkPassword'] }),
    ))

  it('X1: a later term is settled for the share as such: a grant of the request has no field for it', () => {
    const later = terms.filter(([, term]) => term.addedLater !== undefined)
    expect(later.filter(([, term]) => term.perRecipient || term.audience === 'workstation')).toEqual([])
    expect(new Set(later.map(([, term]) => term.addedLater?.capability)).size).toBe(later.length)
  })

  it('X1: no secret is among what the relay keeps in the clear, or what a log holds by its value', () => {
    const secrets = termNames(({ secret }) => secret)
    expect(secrets).toContain('message')
    const all = fc.sample(fc.record(VALUES), { numRuns: 1, seed: 1 })[0]!
    for (const name of secrets) {
      expect(TERMS[name].audited).not.toBe('value')
      expect(Object.keys(RelayTerms.parse(all))).not.toContain(name)
      expect(Object.keys(RecipientTerms.shape)).not.toContain(name)
    }
  })
})

describe('the terms in the audit log', () => {
  const secretTraits = { audience: 'relay', secret: true, perRecipient: false, shownIn: [] } as const
  const password = (audited: AnyTerm['audited']): AnyTerm =>
    defineTerm(
      z.string().max(100),
      { ...secretTraits, audited },
      { default: () => '', whenAbsent: REFUSED, flag: null },
    )

  it('X1: the value of a secret term never gets there, whatever its descriptor says of the log', () => {
    for (const audited of [false, 'value', 'presence'] as const)
      fc.assert(
        fc.property(fc.uuid(), fc.record(VALUES), (linkPassword, given) => {
          const log = auditedTerms({ ...given, linkPassword }, { ...table, linkPassword: password(audited) })
          expect(JSON.stringify(log)).not.toContain(linkPassword)
          expect(log['hasLinkPassword']).toBe(audited === false ? undefined : true)
        }),
      )
  })

  it('X1: a term that the table does not have never gets there', () =>
    fc.assert(
      fc.property(fc.uuid(), (secret) => {
        expect(auditedTerms({ linkPassword: secret, reason: 'x' })).toEqual({ reason: 'x', hasMessage: false })
      }),
    ))
})
