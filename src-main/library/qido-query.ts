/** Converts the query parameters of QIDO-RS to a query of the library (PS3.18 8.3.4). */
import { StudyQuery } from '../../src-core/contract/studies.ts'
import { TAG, tagDigits, type Keyword } from '../../src-core/dicom/dictionary.ts'

const MATCHED = [
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'AccessionNumber',
  'StudyDescription',
  'StudyDate',
  'StudyInstanceUID',
  'ModalitiesInStudy',
] as const satisfies readonly Keyword[]

/** The values of a parameter as a list. The parameter may be named by keyword or by tag. */
export function matched(query: URLSearchParams, keyword: (typeof MATCHED)[number]): string | undefined {
  return query.get(keyword) ?? query.get(tagDigits(TAG[keyword])) ?? undefined
}

export function studyQueryOf(query: URLSearchParams): StudyQuery {
  const plain = (keyword: (typeof MATCHED)[number]): string | undefined =>
    matched(query, keyword)?.replace(/\*+$/, '') || undefined
  const [dateFrom, dateTo] = rangeOf(matched(query, 'StudyDate'))
  const modalities = matched(query, 'ModalitiesInStudy')
  return StudyQuery.parse({
    text: '',
    PatientName: plain('PatientName')?.replace(/[\^=*]/g, ' '),
    PatientID: plain('PatientID'),
    PatientBirthDate: plain('PatientBirthDate'),
    AccessionNumber: plain('AccessionNumber'),
    StudyDescription: plain('StudyDescription'),
    dateFrom,
    dateTo,
    ...(modalities && { Modality: modalities.split(/[,\\]/) }),
    offset: wholeNumberOf(query.get('offset'), 0, Number.MAX_SAFE_INTEGER),
    limit: Math.max(1, wholeNumberOf(query.get('limit'), 100, 500)),
  })
}

/** A single day, from-to, from- or -to (PS3.4 C.2.2.2.5). */
function rangeOf(text: string | undefined): [string | undefined, string | undefined] {
  if (!text) return [undefined, undefined]
  const [from = '', to] = text.split('-')
  return to === undefined ? [from, from] : [from || undefined, to || undefined]
}

function wholeNumberOf(text: string | null, absent: number, most: number): number {
  const value = text === null ? absent : Number(text)
  return Number.isSafeInteger(value) && value >= 0 ? Math.min(value, most) : absent
}
