import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import deCommon from '../../resources/messages/de/common.json' with { type: 'json' }
import de from '../../resources/messages/de/mail.json' with { type: 'json' }
import enCommon from '../../resources/messages/en/common.json' with { type: 'json' }
import en from '../../resources/messages/en/mail.json' with { type: 'json' }
import frCommon from '../../resources/messages/fr/common.json' with { type: 'json' }
import fr from '../../resources/messages/fr/mail.json' with { type: 'json' }
import nlCommon from '../../resources/messages/nl/common.json' with { type: 'json' }
import nl from '../../resources/messages/nl/mail.json' with { type: 'json' }
import { confirmationText, type ConfirmationInput } from './confirmation.ts'
import { dayText } from './day-text.ts'
import { examLines, MailCatalog, patientInitials, shareMail, type NoticeInput } from './notice.ts'

const catalogs = { en, nl, fr, de }
const input: NoticeInput = {
  recipientName: 'Dr. Ruth Sample',
  sender: 'Tess Technologist',
  department: 'Radiology',
  organisation: 'Sample Hospital',
  exams: [{ initials: 'J.D.', description: 'CT thorax', date: '20261121', instances: 80 }],
  message: 'Please look at\nimage 40.',
  urgent: false,
  twoFactor: true,
  link: 'https://relay.example.org/s/abc',
  end: { day: '2026-12-21', time: null },
  contact: 'Service desk, 4711',
}

describe('the mail of a share', () => {
  it('U9 U19: says who shared which exam, with link and message', () => {
    const { subject, text } = shareMail(en, 'en', input)
    expect(subject).toBe('Tess Technologist shared an exam with you (Sample Hospital)')
    for (const part of [
      'Dear Dr. Ruth Sample,',
      'Tess Technologist (Radiology, Sample Hospital)',
      'J.D. · CT thorax, 21 Nov 2026, 80 images',
      '  Please look at\n  image 40.',
      input.link as string,
      'up to and including 21 Dec 2026',
    ]) {
      expect(text).toContain(part)
    }
  })

  it('U16: the subject says that it is urgent', () =>
    expect(shareMail(en, 'en', { ...input, urgent: true }).subject).toMatch(/^URGENT: /))

  it('each language has every word, and nothing is left unfilled', () => {
    for (const [language, catalog] of Object.entries(catalogs)) {
      const parsed = MailCatalog.strict().parse(catalog)
      for (const change of [
        {},
        { urgent: true, link: null, end: null, contact: '', message: '' },
        { exams: [{ initials: '', description: '', date: '', instances: 1 }] },
      ]) {
        const { subject, text } = shareMail(parsed, language as 'en', { ...input, ...change })
        expect(subject + text).not.toMatch(/[{}]|undefined/)
      }
    }
  })

  it('a value can neither start a header nor be filled in again', () => {
    const { subject, text } = shareMail(en, 'en', {
      ...input,
      sender: 'A\r\nBcc: all@example.org',
      recipientName: '{sender}',
    })
    expect(subject).not.toMatch(/[\r\n]/)
    expect(text).toContain('Dear {sender},')
  })

  it.each([
    ['DOE^Jane', 'J.D.'],
    ['doe^jane^mary^Dr', 'J.D.'],
    ['^^^=山田^太郎', '太.山.'],
    ['Şahin^élise', 'É.Ş.'],
    ['DOE', 'D.'],
    ['', ''],
    ['^^', ''],
  ])('U9: initials of %s are %s', (name, initials) => expect(patientInitials(name)).toBe(initials))

  it('U17: the mail of an anonymized share names neither patient, description nor date', () => {
    const instances = [1, 2].map(() => ({
      StudyInstanceUID: '1.2',
      PatientName: 'DOE^Jane',
      StudyDescription: 'CT of Jane Doe',
      StudyDate: '20261121',
      Modality: 'CT',
    }))
    expect(examLines(instances, true)).toEqual([{ initials: '', description: 'CT', date: '', instances: 2 }])
    expect(examLines(instances, false)).toEqual([
      { initials: 'J.D.', description: 'CT of Jane Doe', date: '20261121', instances: 2 },
    ])
  })
})

const shared: ConfirmationInput = {
  shareId: '7b0c',
  patients: [
    { PatientName: 'DOE^Jane', PatientID: 'SAMPLE-1' },
    { PatientName: 'ROE^Richard', PatientID: 'SAMPLE-2' },
  ],
  studies: [{ StudyDescription: 'CT thorax', StudyDate: '20261121', Modality: 'CT', instances: 80 }],
  recipients: [
    { recipientId: 'ruth', name: 'Dr. Ruth Sample' },
    { recipientId: 'sam', name: 'Dr. Sam Sample' },
  ],
  terms: {
    right: 'images-read-report',
    reason: 'Second opinion',
    validity: { kind: 'period', period: { unit: 'month', count: 1 } },
    patientAgreed: true,
    urgent: true,
    anonymize: false,
    twoFactor: true,
    withoutTwoFactor: ['ruth'],
    sendMail: true,
    furtherSharing: false,
    message: '',
    mailLanguage: null,
  },
  sharedAt: new Date('2026-11-27T09:00:00Z'),
  timeZone: 'Europe/Brussels',
}

describe('the confirmation', () => {
  it('U21: says what was shared with whom on what terms', () =>
    expect(confirmationText(en, 'en', shared).split('\n')).toEqual([
      'Shared',
      'Patient: DOE, Jane (SAMPLE-1)',
      'Patient: ROE, Richard (SAMPLE-2)',
      'Exam: CT thorax, 21 Nov 2026, 80 images',
      'With: Dr. Ruth Sample; Dr. Sam Sample',
      'May: see the images and read the report',
      'Valid: 1 month after delivery (up to and including 27 Dec 2026 if it is delivered today)',
      'Terms: two-factor (Dr. Sam Sample), urgent',
      'Reference: 7b0c',
    ]))

  it('U13: names the last day that is included, and the time of a life of hours', () => {
    const valid = (day: string) => {
      const terms = { ...shared.terms, validity: { kind: 'until', day } as const }
      return /^Valid: .*$/m.exec(confirmationText(en, 'en', { ...shared, terms }))?.[0]
    }
    expect(valid('2027-01-31')).toBe('Valid: up to and including 31 Jan 2027')
    expect(valid('2026-11-28')).toBe('Valid: until 23:59 on 28 Nov 2026')
  })

  const languages = fc.constantFrom('en', 'nl', 'fr', 'de')
  const right = fc.constantFrom('images-read-report', 'images-write-report')
  const choices = { right, urgent: fc.boolean(), twoFactor: fc.boolean(), furtherSharing: fc.boolean() }
  const rights: readonly (keyof MailCatalog['confirmation'])[] = ['rightRead', 'rightWrite']

  it('U11: what can be copied never holds the reason, whatever the terms', () =>
    fc.assert(
      fc.property(languages, fc.record({ ...choices, anonymize: fc.boolean() }), (language, chosen) => {
        const terms = { ...shared.terms, ...chosen, reason: 'Zq confidential reason' }
        expect(confirmationText(catalogs[language], language, { ...shared, terms })).not.toContain('Zq')
      }),
    ))

  it('U17: of an anonymized share it neither names the patient nor says that a report can be read', () =>
    fc.assert(
      fc.property(languages, fc.record(choices), (language, chosen) => {
        const study = { StudyDescription: 'Zq exam of Jane', StudyDate: '19870203', Modality: 'CT', instances: 2 }
        const text = confirmationText(catalogs[language], language, {
          ...shared,
          patients: [
            { PatientName: 'Zq^Jane', PatientID: 'Zq-1' },
            { PatientName: 'Other^Zq', PatientID: 'Zq-2' },
          ],
          studies: [study],
          terms: { ...shared.terms, ...chosen, anonymize: true, message: 'About Mrs Zq' },
        })
        expect(text).not.toMatch(/Zq|1987/)
        for (const word of rights) expect(text).not.toContain(`: ${catalogs[language].confirmation[word]}\n`)
        expect(text).toContain(catalogs[language].confirmation.rightAnonymized)
      }),
    ))

  it('U13: the words of an end are those of the pages, in each language', () => {
    for (const [language, words] of Object.entries({ en: enCommon, nl: nlCommon, fr: frCommon, de: deCommon }))
      for (const unit of ['day', 'time'] as const)
        expect(catalogs[language as 'en'].end[unit]).toBe(words.end[unit].replaceAll(/\{(\{\w+\})\}/g, '$1'))
    expect(['en', 'nl', 'fr', 'de'].map((language) => dayText('2026-09-01', language))).toEqual([
      '1 Sep 2026',
      '1 sep 2026',
      '1 sept. 2026',
      '1. Sept. 2026',
    ])
  })

  it('W15: images of a second patient in a study get a separate line in the mail, with their initials', () => {
    const image = { StudyInstanceUID: '1.2', StudyDescription: 'CT thorax', StudyDate: '20261121', Modality: 'CT' }
    const images = ['Alpha^Anna', 'Beta^Bo', 'Alpha^Anna'].map((PatientName) => ({ ...image, PatientName }))
    expect(examLines(images, false).map(({ initials, instances }) => [initials, instances])).toEqual([
      ['A.A.', 2],
      ['B.B.', 1],
    ])
    expect(examLines(images, true)).toEqual([{ initials: '', description: 'CT', date: '', instances: 3 }])
  })
})
