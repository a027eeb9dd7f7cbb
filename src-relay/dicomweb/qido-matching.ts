/** Matching and paging of QIDO-RS queries over data sets in memory (PS3.18 8.3.4, PS3.4 C.2.2.2). */
import { matchesWildcard } from '../../src-core/wire/wildcard.ts'
import { keywordTag } from './query-keywords.ts'
import type { DicomJson } from '../../src-engine/dicomweb-source.ts'

/** The longest value of the listed attributes is a person name of three groups (PS3.5 6.2). A pattern needs no more. */
const MAX_PATTERN_CHARACTERS = 194

const PARAMETERS_OTHER_THAN_ATTRIBUTES = new Set([
  'limit',
  'offset',
  'includefield',
  'fuzzymatching',
  'emptyvaluematching',
  'multiplevaluematching',
])

/**
 * Whether a data set matches every attribute of a query. A key is a single value, a list of UIDs, a range of dates or
 * times, or a pattern with wildcards. An attribute that the data set does not have matches nothing.
 */
export function matchesQuery(json: DicomJson, query: URLSearchParams): boolean {
  return [...query].every(([name, key]) => {
    if (PARAMETERS_OTHER_THAN_ATTRIBUTES.has(name.toLowerCase()) || key === '') return true
    const element = json[keywordTag(name) ?? '']
    return (
      element !== undefined && (element.Value ?? []).some((value) => matchesValue(element.vr, valueText(value), key))
    )
  })
}

function valueText(value: unknown): string {
  return value !== null && typeof value === 'object'
    ? Object.values(value as Record<string, string>).join('=')
    : String(value)
}

function matchesValue(vr: string, value: string, key: string): boolean {
  if (vr === 'UI') return key.split(/[,\\]/).includes(value)
  if ((vr === 'DA' || vr === 'TM') && key.includes('-')) {
    const [from = '', to = ''] = key.split('-')
    return value >= from && (to === '' || value.slice(0, to.length) <= to)
  }
  if (key.length > MAX_PATTERN_CHARACTERS) return false
  const characters = (text: string): string[] => [...(vr === 'PN' ? text.toLowerCase() : text)]
  return matchesWildcard(characters(value), characters(key))
}

/** The rows that `limit` and `offset` of a query select (PS3.18 8.3.4.4). Values that are no counts are ignored. */
export function pageOf<Row>(rows: Row[], query: URLSearchParams): Row[] {
  const countOf = (name: string, fallback: number): number => {
    const value = Number(query.get(name) ?? fallback)
    return Number.isSafeInteger(value) && value >= 0 ? value : fallback
  }
  const offset = countOf('offset', 0)
  return rows.slice(offset, offset + countOf('limit', rows.length))
}
