import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayName, joinedValues } from './display-name.ts'
import { maybeSame } from './maybe-same.ts'
import { patientKey, type StatedPatient } from './patient-key.ts'
import { patientsOf } from './patients-of.ts'

const patient = (more: Partial<StatedPatient> = {}): StatedPatient => ({
  PatientName: 'Miller^Richard',
  PatientID: 'M-1',
  IssuerOfPatientID: '',
  PatientBirthDate: '19500101',
  StudyInstanceUID: '1.2.3',
  ...more,
})

/** Few different values, so that two patients often agree, nearly agree or contradict each other. */
const anyPatient = fc.record({
  PatientName: fc.constantFrom(
    '',
    'Miller^Richard',
    'MILLER^Richard^^^',
    ' Miller ^ Richard ',
    'Miller^Richard=米勒^理查德',
    '=米勒^理查德',
    'Beta^Bo',
    'Beta^Bo==べた',
  ),
  PatientID: fc.constantFrom('', ' ', 'M-1', ' M-1 ', 'M-1\0', 'M-2'),
  IssuerOfPatientID: fc.constantFrom('', ' ', 'HOSP', 'HOSP ', 'CLINIC'),
  PatientBirthDate: fc.constantFrom('', '19500101', '19500101 ', '19600202'),
  StudyInstanceUID: fc.constantFrom('1.2.3', '1.2.4'),
})
const groups = (value: string): string[] =>
  value
    .toUpperCase()
    .split('=')
    .map((group) => group.replaceAll(/\s/g, '').replace(/\^+$/, ''))
const differ = (one: string, other: string): boolean =>
  one.trim() !== '' && other.trim() !== '' && one.trim() !== other.trim()
/** What a person would call a contradiction. It is written independently of the code under test. */
const contradicts = (one: StatedPatient, other: StatedPatient): boolean =>
  differ(one.IssuerOfPatientID, other.IssuerOfPatientID) ||
  differ(one.PatientBirthDate, other.PatientBirthDate) ||
  groups(one.PatientName).some((group, index) => differ(group, groups(other.PatientName)[index] ?? ''))

describe('whose images these are', () => {
  it.each<[string, Partial<StatedPatient>, Partial<StatedPatient>, boolean]>([
    ['blanks around the ID are no other ID', { PatientID: ' M-1 ' }, {}, true],
    ['blanks around the issuer are no other issuer', { IssuerOfPatientID: 'A ' }, { IssuerOfPatientID: ' A' }, true],
    ['another issuer is another patient', { IssuerOfPatientID: 'A' }, { IssuerOfPatientID: 'B' }, false],
    ['a missing issuer is no wildcard', { IssuerOfPatientID: 'A' }, {}, false],
    ['with an ID, the name does not decide', { PatientName: 'Beta^Bo' }, {}, true],
    [
      'without an ID, another name is another patient',
      { PatientID: '', PatientName: 'Beta^Bo' },
      { PatientID: '' },
      false,
    ],
    [
      'without an ID, a missing birth date is no wildcard',
      { PatientID: '', PatientBirthDate: '' },
      { PatientID: '' },
      false,
    ],
    [
      'without an ID, another study is another patient',
      { PatientID: '', StudyInstanceUID: '1.9' },
      { PatientID: '' },
      false,
    ],
    [
      'without an ID, carets at the end are no name',
      { PatientID: '', PatientName: 'Miller^Richard^^' },
      { PatientID: '' },
      true,
    ],
    ['an ID never stands for an issuer', { PatientID: 'A' }, { PatientID: '', IssuerOfPatientID: 'A' }, false],
  ])('D7: %s', (_what, one, other, same) => {
    expect(patientKey(patient(one)) === patientKey(patient(other))).toBe(same)
  })

  it('W15: one key may be the same person unless a value contradicts, in either order', () => {
    fc.assert(
      fc.property(anyPatient, anyPatient, (one, other) => {
        expect(maybeSame(one, other)).toBe(maybeSame(other, one))
        expect(maybeSame(one, one)).toBe(true)
        if (patientKey(one) === patientKey(other)) expect(maybeSame(one, other)).toBe(!contradicts(one, other))
        if (maybeSame(one, other)) {
          expect(one.PatientID.replaceAll('\0', '').trim()).toBe(other.PatientID.replaceAll('\0', '').trim())
          expect(contradicts(one, other)).toBe(false)
        }
      }),
      { seed: 16, numRuns: 2000 },
    )
  })

  it('W15: nobody is put together with whom they contradict, in whatever order the images come', () => {
    fc.assert(
      fc.property(fc.array(anyPatient, { minLength: 1, maxLength: 6 }), (stated) => {
        const found = patientsOf(stated)
        const names = (list: StatedPatient[]): string[] => list.map((one) => patientKey(one)).toSorted()
        expect(patientsOf(stated.toReversed())).toHaveLength(found.length)
        expect(patientsOf([...stated, ...stated])).toEqual(found)
        expect(names(patientsOf(found)).length).toBeLessThanOrEqual(found.length)
        const alone = found.length === 1
        expect(alone).toBe(stated.every((one) => stated.every((other) => maybeSame(one, other))))
      }),
      { seed: 3, numRuns: 2000 },
    )
  })

  it.each<[string, Partial<StatedPatient>[], number]>([
    ['a missing birth date', [{}, { PatientBirthDate: '' }], 1],
    ['a missing issuer', [{}, { IssuerOfPatientID: 'HOSP' }], 1],
    ['a missing name group', [{}, { PatientName: 'Miller^Richard=米勒^理查德' }], 1],
    ['carets, case and blanks', [{}, { PatientName: ' MILLER ^Richard^^^', PatientID: 'M-1 ' }], 1],
    ['the older way to write a date', [{}, { PatientBirthDate: '1950.01.01' }], 1],
    ['another name under one ID', [{}, { PatientName: 'Beta^Bo' }], 2],
    ['a birth date that belongs to two', [{}, { PatientBirthDate: '' }, { PatientBirthDate: '19600202' }], 3],
    ['no ID beside an ID', [{}, { PatientID: '' }], 2],
    ['no ID, one study, one identity', [{ PatientID: '' }, { PatientID: ' ' }], 1],
    ['no ID, two studies, name and birth date', [{ PatientID: '' }, { PatientID: '', StudyInstanceUID: '1.9' }], 1],
    [
      'no ID, two studies, no birth date',
      [
        { PatientID: '', PatientBirthDate: '' },
        { PatientID: '', PatientBirthDate: '', StudyInstanceUID: '1.9' },
      ],
      2,
    ],
  ])('W15: %s: as many patients as a person would count', (_what, stated, count) => {
    expect(patientsOf(stated.map(patient))).toHaveLength(count)
  })

  it('W15: one patient is shown with every value that any of the images states', () => {
    const stated = [{ PatientBirthDate: '' }, { PatientName: '=米勒^理查德' }, { IssuerOfPatientID: 'HOSP' }].map(
      patient,
    )
    expect(patientsOf(stated)).toEqual([
      patient({ PatientName: 'Miller^Richard=米勒^理查德', IssuerOfPatientID: 'HOSP' }),
    ])
  })

  it('W15: thousands of names under one ID are told apart in a moment, and none is left out', () => {
    const stated = Array.from({ length: 5000 }, (_, number) => patient({ PatientName: `Name${number}` }))
    expect(patientsOf(stated)).toHaveLength(5000)
  })
})

it('W15: several patients of one share are shown with all their names', () => {
  expect(displayName(joinedValues(['DOE^Jane^^^', 'YAMADA^Tarou=山田^太郎', 'ROE^Richard^^Dr']))).toBe(
    'DOE, Jane; YAMADA, Tarou (山田 太郎); ROE, Dr Richard',
  )
})
