import { describe, expect, it } from 'vitest'
import type { DicomJson } from '../../src-engine/dicomweb-source.ts'
import { matchesQuery, pageOf } from './qido-matching.ts'

const study: DicomJson = {
  '00080020': { vr: 'DA', Value: ['20261120'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Sample^Jane' }] },
  '0020000D': { vr: 'UI', Value: ['1.2.3'] },
  '00080061': { vr: 'CS', Value: ['CT', 'SR'] },
  '00100030': { vr: 'DA' },
}
const matches = (query: string): boolean => matchesQuery(study, new URLSearchParams(query))

describe('QIDO-RS matching (PS3.4 C.2.2.2)', () => {
  it('X6: single values by keyword and by tag', () => {
    expect([
      matches('StudyInstanceUID=1.2.3'),
      matches('0020000d=1.2.3'),
      matches('StudyInstanceUID=1.2'),
      matches('Nonsense=1'),
    ]).toEqual([true, true, false, false])
  })
  it('X6: a list of UIDs', () => {
    expect([matches('StudyInstanceUID=9.9,1.2.3'), matches('StudyInstanceUID=9.9%5C8.8')]).toEqual([true, false])
  })
  it('X6: ranges of dates, open at either end', () => {
    expect([
      matches('StudyDate=20261101-20261130'),
      matches('StudyDate=20261120-'),
      matches('StudyDate=-20261119'),
      matches('StudyDate=20261121-'),
    ]).toEqual([true, true, false, false])
  })
  it('X6: wildcards, names without regard to case, and nothing of a regular expression', () => {
    expect([
      matches('PatientName=sample*'),
      matches('PatientName=*J?ne'),
      matches('PatientName=jane'),
      matches('PatientName=.*'),
      matches(`PatientName=${'*a'.repeat(40)}`),
    ]).toEqual([true, true, false, false, false])
  })
  it('X12: a pattern of many wildcards on a long value is answered, by the value', () => {
    const described: DicomJson = { '00081030': { vr: 'LO', Value: ['a'.repeat(256)] } }
    const matchesDescription = (query: string): boolean => matchesQuery(described, new URLSearchParams(query))
    expect([
      matchesDescription('StudyDescription=*a*a*a*a*b'),
      matchesDescription(`StudyDescription=${'*a'.repeat(40)}`),
    ]).toEqual([false, true])
  })
  it('X6: any value of several, empty keys match all, absent values none', () => {
    expect([
      matches('ModalitiesInStudy=SR'),
      matches('ModalitiesInStudy=MR'),
      matches('PatientName='),
      matches('PatientBirthDate=19800101'),
    ]).toEqual([true, false, true, false])
  })
  it('X6: limit and offset; nonsense in them is as if absent', () => {
    const page = (query: string) => pageOf([1, 2, 3, 4], new URLSearchParams(query))
    expect([page('limit=2'), page('limit=2&offset=3'), page('offset=-1'), page('limit=x')]).toEqual([
      [1, 2],
      [4],
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ])
  })
})
