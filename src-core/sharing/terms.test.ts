import { describe, expect, it } from 'vitest'
import type { DirectoryEntry } from '../contract/recipients.ts'
import type { SharePolicy } from '../contract/terms.ts'
import type { ShareTerms } from '../contract/terms/share-terms.ts'
import { checkSharedTerms, checkTerms, recipientFacts } from './terms.ts'

const policy: SharePolicy = {
  validity: {
    default: { kind: 'period', period: { unit: 'month', count: 1 } },
    maximum: { unit: 'month', count: 3 },
    unlimitedOffered: false,
  },
  twoFactor: 'offered',
  sendMail: 'offered',
  rights: ['images-read-report', 'images-write-report'],
  anonymize: 'offered',
  furtherSharing: 'offered',
  reasons: [],
  defaultLanguage: 'en',
  timeZone: 'Europe/Brussels',
  contact: '',
}
const terms: ShareTerms = {
  right: 'images-read-report',
  reason: 'Second opinion',
  validity: { kind: 'period', period: { unit: 'month', count: 1 } },
  patientAgreed: true,
  urgent: false,
  anonymize: false,
  twoFactor: true,
  sendMail: true,
  furtherSharing: false,
  message: '',
  mailLanguage: null,
}
const recipient: DirectoryEntry = {
  recipientId: 'r1',
  kind: 'user',
  familyName: 'Sample',
  givenName: 'Ruth',
  prefix: '',
  specialty: '',
  organisation: '',
  city: '',
  numbers: [],
  email: 'ruth@example.org',
  emailPublic: false,
  mobile: '+32470000001',
  mobilePublic: false,
  language: null,
  rank: 0,
}
const now = new Date('2026-11-21T10:00:00Z')
const factsOf = (who: DirectoryEntry[]) => ({ now, recipients: who.map(recipientFacts) })
const codes = (change: Partial<ShareTerms>, rule: Partial<SharePolicy> = {}, who: DirectoryEntry[] = [recipient]) =>
  checkTerms({ ...terms, ...change }, { ...policy, ...rule }, factsOf(who)).map(({ code }) => code)

describe('terms of a share', () => {
  it('what the panel offers by default is accepted', () => expect(codes({})).toEqual([]))
  it('U11: a share without a reason is refused', () => {
    expect(codes({ reason: '' })).toEqual(['reason-required'])
    expect(codes({ reason: ' \t ' })).toEqual(['reason-required'])
  })
  it('U14: a share without the patient’s agreement is refused', () =>
    expect(codes({ patientAgreed: false })).toEqual(['patient-not-agreed']))
  it('U5: a share without a recipient is refused', () => expect(codes({}, {}, [])).toEqual(['no-recipient']))
  it('U7: a recipient without a mobile number cannot be chosen with two-factor, and is named', () => {
    const without = { ...recipient, recipientId: 'r2', mobile: '' }
    expect(checkTerms(terms, policy, factsOf([recipient, without]))).toEqual([
      { code: 'recipient-without-mobile', recipientId: 'r2' },
    ])
    expect(codes({ twoFactor: false }, {}, [without])).toEqual([])
  })
  it('U9: required mail refuses a recipient without an address; offered mail sends them none', () => {
    expect(codes({}, { sendMail: 'required' }, [{ ...recipient, email: '' }])).toEqual(['recipient-without-email'])
    expect(codes({}, {}, [{ ...recipient, email: '' }])).toEqual([])
  })
  it('U10: only the rights that the department offers', () =>
    expect(codes({ right: 'images-write-report' }, { rights: ['images-read-report'] })).toEqual(['right-not-offered']))
  it('U13: the maximum counts from today, to the day', () => {
    expect(codes({ validity: { kind: 'until', day: '2027-02-21' } })).toEqual([])
    expect(codes({ validity: { kind: 'until', day: '2027-02-22' } })).toEqual(['validity-over-maximum'])
    expect(codes({ validity: { kind: 'period', period: { unit: 'month', count: 4 } } })).toEqual([
      'validity-over-maximum',
    ])
    expect(
      codes(
        { validity: { kind: 'period', period: { unit: 'month', count: 40 } } },
        { validity: { ...policy.validity, maximum: null } },
      ),
    ).toEqual([])
  })
  it('U13: today is valid until midnight, yesterday is past', () => {
    expect(codes({ validity: { kind: 'until', day: '2026-11-21' } })).toEqual([])
    expect(codes({ validity: { kind: 'until', day: '2026-11-20' } })).toEqual(['validity-in-the-past'])
  })
  it('U13: unlimited only where offered', () => {
    expect(codes({ validity: { kind: 'unlimited' } })).toEqual(['unlimited-not-offered'])
    expect(
      codes({ validity: { kind: 'unlimited' } }, { validity: { ...policy.validity, unlimitedOffered: true } }),
    ).toEqual([])
  })
  it('U17 U18 U20: what the department requires or forbids holds', () => {
    expect(codes({ twoFactor: false }, { twoFactor: 'required' })).toEqual(['two-factor-required'])
    expect(codes({ twoFactor: true, withoutTwoFactor: [recipient.recipientId] }, { twoFactor: 'required' })).toEqual([
      'two-factor-required',
    ])
    expect(codes({ sendMail: false }, { sendMail: 'required' })).toEqual(['send-mail-required'])
    expect(codes({}, { anonymize: 'required' })).toEqual(['anonymize-required'])
    expect(codes({ furtherSharing: true }, { furtherSharing: 'forbidden' })).toEqual(['further-sharing-forbidden'])
  })
  it('U11 U14: the relay checks all terms except reason and agreement by the same rules', () => {
    const shared = { ...terms, furtherSharing: true, reason: '', patientAgreed: false }
    const forbidden: SharePolicy = { ...policy, furtherSharing: 'forbidden', twoFactor: 'required' }
    expect(checkSharedTerms(shared, forbidden, factsOf([{ ...recipient, mobile: '' }]))).toEqual([
      { code: 'recipient-without-mobile', recipientId: 'r1' },
      { code: 'further-sharing-forbidden', recipientId: null },
    ])
  })
  it('every reason is told at once', () =>
    expect(codes({ reason: '', patientAgreed: false, validity: { kind: 'unlimited' } }).length).toBe(3))
})
