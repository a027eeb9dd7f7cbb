import { describe, expect, it } from 'vitest'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { RecipientView } from '../../src-core/contract/recipients.ts'
import type { SharePolicy } from '../../src-core/contract/terms.ts'
import { changeDraft, draftToSend, missingOf, newDraft, numberRanges } from './draft.ts'
import type { Draft, DraftEvent } from './draft.ts'

const uid = (text: string): Uid => text as Uid
const policy: SharePolicy = {
  validity: { default: { kind: 'period', period: { unit: 'month', count: 1 } }, maximum: null, unlimitedOffered: true },
  twoFactor: 'offered',
  sendMail: 'offered',
  rights: ['images-read-report', 'images-write-report'],
  anonymize: 'offered',
  furtherSharing: 'offered',
  reasons: [],
  defaultLanguage: 'en',
  timeZone: 'UTC',
  contact: '',
}
const defaults = { policy, twoFactor: false, sendMail: false, right: 'images-read-report' as const }
const recipient = (recipientId: string, hasMobile = true): RecipientView => ({
  recipientId,
  kind: 'user',
  name: 'Dr Sample',
  specialty: '',
  organisation: '',
  city: '',
  numbers: [],
  email: '',
  mobile: '',
  hasEmail: true,
  hasMobile,
  language: null,
  favourite: false,
})
const after = (...events: DraftEvent[]): Draft =>
  events.reduce(changeDraft, newDraft('00000000-0000-4000-8000-000000000001', [uid('1')], defaults))
const review = { instances: 3, patients: [1], refusals: [] }
const complete: DraftEvent[] = [
  { type: 'add', recipient: recipient('a') },
  { type: 'terms', terms: { reason: 'Follow-up', patientAgreed: true } },
]

describe('the share being filled in', () => {
  it('U20: remembered choices are taken over, never below what the policy requires', () => {
    expect(newDraft('x', [], { ...defaults, twoFactor: true }).terms).toMatchObject({
      twoFactor: true,
      sendMail: false,
    })
    const required = {
      ...defaults,
      policy: {
        ...policy,
        twoFactor: 'required',
        sendMail: 'required',
        anonymize: 'required',
        rights: ['images-write-report'],
      } as SharePolicy,
    }
    expect(newDraft('x', [], required).terms).toMatchObject({
      twoFactor: true,
      sendMail: true,
      anonymize: true,
      right: 'images-write-report',
    })
  })

  it('U14: agreement, reason and message always begin empty', () => {
    expect(after().terms).toMatchObject({
      patientAgreed: false,
      reason: '',
      message: '',
      urgent: false,
      furtherSharing: false,
    })
  })

  it('U5: a recipient chosen twice is there once', () => {
    expect(
      after(
        { type: 'add', recipient: recipient('a') },
        { type: 'add', recipient: recipient('a') },
        { type: 'add', recipient: recipient('b') },
      ).recipients.length,
    ).toBe(2)
  })

  it('names everything that is missing, in the order of the panel', () => {
    expect(missingOf(after(), review, true)).toEqual(['recipient', 'reason', 'agreed'])
    expect(missingOf(after(...complete), review, true)).toEqual([])
    expect(missingOf(after(...complete), review, false)).toEqual(['day'])
    expect(missingOf(after(...complete, { type: 'terms', terms: { reason: '   ' } }), review, true)).toEqual(['reason'])
  })

  it('U7: two-factor with a recipient without a mobile number is missing a mobile number', () => {
    const without: DraftEvent = { type: 'add', recipient: recipient('b', false) }
    expect(missingOf(after(...complete, without), review, true)).toEqual([])
    expect(missingOf(after(...complete, without, { type: 'terms', terms: { twoFactor: true } }), review, true)).toEqual(
      ['mobile'],
    )
  })

  it('U17: refused images stop an anonymized share only', () => {
    const refused = {
      ...review,
      refusals: [
        {
          SOPInstanceUID: uid('1.1.1'),
          SeriesInstanceUID: uid('1.1'),
          StudyInstanceUID: uid('1'),
          code: 'pixel-review-required',
        },
      ],
    }
    expect(missingOf(after(...complete), refused, true)).toEqual([])
    expect(missingOf(after(...complete, { type: 'terms', terms: { anonymize: true } }), refused, true)).toEqual([
      'refusals',
    ])
  })

  it('U1: chosen series, studies of which none is left, and images left out reach the contract as chosen', () => {
    const draft = after(
      { type: 'study', StudyInstanceUID: uid('2'), chosen: true },
      { type: 'series', StudyInstanceUID: uid('1'), series: [] },
      { type: 'leave-out', instances: [uid('9'), uid('8')] },
      { type: 'leave-out', instances: [uid('9')] },
      { type: 'put-back', instances: [uid('8')] },
    )
    expect(draftToSend(draft).selection).toEqual({ studies: [{ StudyInstanceUID: '2', series: null }], leftOut: ['9'] })
    expect(
      missingOf(after(...complete, { type: 'series', StudyInstanceUID: uid('1'), series: [] }), undefined, true),
    ).toEqual(['images'])
  })

  it('U6: a star travels with the draft', () => {
    expect(
      draftToSend(after({ type: 'add', recipient: recipient('a') }, { type: 'star', recipientId: 'a' })).recipients,
    ).toEqual([{ recipientId: 'a', star: true }])
  })

  it('writes image numbers as people do', () => {
    expect(numberRanges([5, 1, 6, 4])).toBe('1, 4–6')
    expect(numberRanges([1, 2, 9, 9])).toBe('1, 2, 9')
    expect(numberRanges([])).toBe('')
  })
})
