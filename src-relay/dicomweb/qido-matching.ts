/** Matching and paging of QIDO-RS queries over data sets at hand (PS3.18 8.3.4, PS3.4 C.2.2.2). */
import { matchesWildcard } from '../../src-core/wire/wildcard.ts'
import { keywordTag } from './query-keywords.ts'
import type { DicomJson } from '../../src-engine/dicomweb-source.ts'

/** Characters: the longest value of the attributes that are listed, a person name of three groups (PS3.5 6.2). */
const LONGEST_PATTERN = 194

const NOT_ATTRIBUTES = new Set([
  'limit',
  'offset',
  'includefield',
  'fuzzymatching',
  'emptyvaluematching',
  'multiplevaluematching',
])

/**
 * Every attribute named must match: a single value, a list, a range of dates or times, or wildcards. Attributes that
 * are not known to the level match nothing.
 */
export function matchesQuery(json: DicomJson, query: URLSearchParams): boolean {
  return [...query].every(([key, wanted]) => {
    if (NOT_ATTRIBUTES.has(key.toLowerCase()) || wanted === '') return true
    const element = json[keywordTag(key) ?? '']
    return (
      element !== undefined && (element.Value ?? []).some((value) => matchesValue(element.vr, valueText(value), wanted))
    )
  })
}

function valueText(value: unknown): string {
  return value !== null && typeof value === 'object'
    ? Object.values(value as Record<string, string>).join('=')
    : String(value)
}

function matchesValue(vr: string, value: string, wanted: string): boolean {
  if (vr === 'UI') return wanted.split(/[,\\]/).includes(value)
  if ((vr === 'DA' || vr === 'TM') && wanted.includes('-')) {
    const [from = '', to = ''] = wanted.split('-')
    return value >= from && (to === '' || value.slice(0, to.length) <= to)
  }
  if (wanted.length > LONGEST_PATTERN) return false
  const characters = (text: string): string[] => [...(vr === 'PN' ? text.toLowerCase() : text)]
  return matchesWildcard(characters(value), characters(wanted))
}

/** `limit` and `offset` (PS3.18 8.3.4.4). */
export function pageOf<T>(rows: T[], query: URLSearchParams): T[] {
  const count = (name: string, fallback: number): number => {
    const value = Number(query.get(name) ?? fallback)
    return Number.isSafeInteger(value) && value >= 0 ? value : fallback
  }
  const offset = count('offset', 0)
  return rows.slice(offset, offset + count('limit', rows.length))
}
