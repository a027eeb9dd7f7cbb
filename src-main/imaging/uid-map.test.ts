import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { patientKey } from '../../src-core/patient/patient-key.ts'
import { pseudonyms } from './uid-map.ts'

const key = new Uint8Array(32).fill(7)

it('D3: a UID is mapped to 2.25 and the first 128 bits of its HMAC, alike every time and for every share', () => {
  const expected = BigInt(`0x${createHmac('sha256', key).update('uid\u00001.2.3').digest('hex').slice(0, 32)}`)
  expect(pseudonyms(key).mapUid('1.2.3')).toBe(`2.25.${expected}`)
  expect(pseudonyms(key).mapUid('1.2.3')).toBe(pseudonyms(key.slice()).mapUid('1.2.3'))
  expect(pseudonyms(key).mapUid('1.2.3')).not.toBe(pseudonyms(key).mapUid('1.2.4'))
  expect(pseudonyms(new Uint8Array(32).fill(8)).mapUid('1.2.3')).not.toBe(pseudonyms(key).mapUid('1.2.3'))
  expect(pseudonyms(key).mapUid('1.2.3').length).toBeLessThanOrEqual(44)
})

it('D3, D7: a patient has one pseudonym and one shift; the issuer tells equal numbers apart; padding does not', () => {
  const ours = pseudonyms(key)
  const of = (PatientID: string, IssuerOfPatientID: string): string =>
    patientKey({ PatientID, IssuerOfPatientID, PatientName: '', PatientBirthDate: '', StudyInstanceUID: '1.2' })
  expect(ours.patientId(of('12345', 'A'))).toMatch(/^ANON-[0-9A-F]{12}$/)
  // A patient must get the same pseudonym as in shares that were sent earlier.
  const hmac = createHmac('sha256', key).update('patient\u0000A\u000012345').digest('hex')
  expect(ours.patientId(of('12345', 'A'))).toBe(`ANON-${hmac.slice(0, 12).toUpperCase()}`)
  expect(ours.patientId(of('12345 ', 'A'))).toBe(ours.patientId(of('12345', 'A')))
  expect(ours.patientId(of('12345', 'B'))).not.toBe(ours.patientId(of('12345', 'A')))
  expect(ours.shiftDays(of('12345', 'A'))).toBe(ours.shiftDays(of('12345', 'A')))
  for (let number = 0; number < 200; number++) {
    const days = ours.shiftDays(of(String(number), ''))
    expect(days <= -30 && days >= -3679).toBe(true)
  }
})

it('D3: a short key is refused', () => {
  expect(() => pseudonyms(new Uint8Array(16))).toThrow('too short')
})
