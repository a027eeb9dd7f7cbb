import { describe, expect, it } from 'vitest'
import de from '../../resources/messages/de/mail.json' with { type: 'json' }
import en from '../../resources/messages/en/mail.json' with { type: 'json' }
import fr from '../../resources/messages/fr/mail.json' with { type: 'json' }
import nl from '../../resources/messages/nl/mail.json' with { type: 'json' }
import { confirmationText, readableName } from './confirmation.ts'
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
  lastDay: '2026-12-21',
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
      'until 21 Dec 2026',
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
        { urgent: true, link: null, lastDay: null, contact: '', message: '' },
        { exams: [{ initials: '', description: '', date: '', instances: 1 }] },
      ]) {
        const { subject, text } = shareMail(parsed, language as 'en', { ...input, ...change })
        expect(subject + text).not.toMatch(/\{\{|\}\}|undefined/)
      }
    }
  })

  it('a value can neither start a header nor be filled in again', () => {
    const { subject, text } = shareMail(en, 'en', {
      ...input,
      sender: 'A\r\nBcc: all@example.org',
      recipientName: '{{sender}}',
    })
    expect(subject).not.toMatch(/[\r\n]/)
    expect(text).toContain('Dear {{sender}},')
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

describe('the confirmation', () => {
  it('U21: says what was shared with whom on what terms', () => {
    const text = confirmationText(en, 'en', {
      shareId: '7b0c',
      PatientName: 'DOE^Jane',
      PatientID: 'SAMPLE-1',
      studies: [{ StudyDescription: 'CT thorax', StudyDate: '20261121', instances: 80 }],
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
    })
    expect(text.split('\n')).toEqual([
      'Shared',
      'Patient: DOE, Jane (SAMPLE-1)',
      'Exam: CT thorax, 21 Nov 2026, 80 images',
      'With: Dr. Ruth Sample; Dr. Sam Sample',
      'May: see the images and read the report',
      'Valid until: 1 month after delivery',
      'Reason: Second opinion',
      'Terms: two-factor (Dr. Sam Sample), urgent',
      'Reference: 7b0c',
    ])
  })

  it('a name is shown as family, given', () => expect(readableName('DOE^Jane^Mary')).toBe('DOE, Jane Mary'))
})
