import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PROTOCOL, PROTOCOL_1 } from '../contract/protocol.ts'
import { ConfirmRequest } from '../contract/relay.ts'
import type { Validity } from '../contract/terms.ts'
import type { SharedTerms } from '../contract/terms/share-terms.ts'
import { TERMS, type TermTable } from '../contract/terms/table.ts'
import { defineTerm } from '../contract/terms/term.ts'
import { laterTerms, statedGrant, statedTerms, termsOfConfirm } from './confirm-terms.ts'
import { asksOneTimePassword } from './two-factor.ts'

const RECIPIENTS = ['r1', 'r2', 'r3']
const validity: fc.Arbitrary<Validity> = fc.oneof(
  fc.record({
    kind: fc.constant('period' as const),
    period: fc.record({
      unit: fc.constantFrom('day' as const, 'month' as const),
      count: fc.integer({ min: 1, max: 1200 }),
    }),
  }),
  fc.constant({ kind: 'until' as const, day: '2026-12-24' }),
  fc.constant({ kind: 'unlimited' as const }),
)
const sharedTerms: fc.Arbitrary<SharedTerms> = fc.record({
  right: fc.constantFrom('images-read-report', 'images-write-report'),
  validity,
  twoFactor: fc.boolean(),
  withoutTwoFactor: fc.option(fc.subarray(RECIPIENTS), { nil: undefined }),
  sendMail: fc.boolean(),
  anonymize: fc.boolean(),
  urgent: fc.boolean(),
  furtherSharing: fc.boolean(),
  message: fc.string({ maxLength: 20 }),
})

const requestOf = (terms: SharedTerms): ConfirmRequest =>
  ConfirmRequest.parse({
    shareId: '7b0c5a4e-0000-4000-8000-000000000001',
    packageId: '7b0c5a4e-0000-4000-8000-000000000002',
    parts: [{ name: 'manifest', size: 1, sha256: 'a'.repeat(64) }],
    manifestSha256: 'a'.repeat(64),
    signature: 'AA',
    ownerSlot: 'AA',
    accountSlot: 'AA',
    grants: RECIPIENTS.map((recipientId) => statedGrant(terms, recipientId)),
    ...statedTerms(terms, PROTOCOL),
    sender: { staffId: 'staff-1' },
    mailLanguage: 'en',
    exams: [],
  })

describe('the terms of a confirm request', () => {
  it('S3: the relay reads the terms that the workstation stated, and asks the same recipients for a code', () =>
    fc.assert(
      fc.property(sharedTerms, (terms) => {
        const { twoFactor, withoutTwoFactor, ...read } = termsOfConfirm(requestOf(terms))
        expect(read).toEqual({ ...terms, twoFactor: undefined, withoutTwoFactor: undefined })
        for (const recipientId of RECIPIENTS)
          expect(asksOneTimePassword({ twoFactor, withoutTwoFactor }, recipientId)).toBe(
            asksOneTimePassword(terms, recipientId),
          )
      }),
    ))

  it('U10: grants that differ in their right are no share of one right', () => {
    const request = requestOf({ ...fc.sample(sharedTerms, { numRuns: 1, seed: 1 })[0]!, right: 'images-read-report' })
    const [first, ...others] = request.grants
    expect(() =>
      termsOfConfirm({ ...request, grants: [{ ...first!, right: 'images-write-report' }, ...others] }),
    ).toThrow(expect.objectContaining({ code: 'bad-request' }))
  })
})

describe('a term that was added after protocol version 2', () => {
  const watermark = defineTerm(
    z.boolean(),
    { audience: 'recipient', secret: false, perRecipient: false, audited: 'value', shownIn: [] },
    {
      default: () => true,
      whenAbsent: true,
      protection: Number,
      flag: null,
      addedLater: { capability: 'term-watermark', valueWithout: false },
    },
  )
  const table: TermTable = { ...TERMS, watermark }
  const knowing = { ...PROTOCOL, capabilities: [...PROTOCOL.capabilities, 'term-watermark'] }

  it('S3: is stated to a relay that knows it, whatever its value', () => {
    for (const value of [true, false])
      expect(laterTerms({ watermark: value }, knowing, table)).toEqual({ watermark: value })
  })

  it('S3: is left out for a relay that does not know it only where a share there is as this one is meant', () => {
    for (const relay of [PROTOCOL_1, PROTOCOL]) {
      expect(laterTerms({ watermark: false }, relay, table)).toEqual({})
      expect(() => laterTerms({ watermark: true }, relay, table)).toThrow(
        expect.objectContaining({ code: 'relay-outdated', detail: { term: 'watermark' } }),
      )
    }
  })

  it('S3: one that this relay does not know is refused by its name, and never dropped', () => {
    const request = { ...requestOf(fc.sample(sharedTerms, { numRuns: 1, seed: 1 })[0]!), terms: { ofTheFuture: 1 } }
    expect(ConfirmRequest.safeParse(request).error?.issues).toMatchObject([
      { code: 'unrecognized_keys', path: ['terms'], keys: ['ofTheFuture'] },
    ])
  })
})
