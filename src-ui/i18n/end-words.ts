/** Writes the end of a share in the same words as the mail: "up to and including 27 Dec 2026". */
import type { i18n } from 'i18next'
import type { ShareEnd } from '../../src-core/sharing/validity.ts'
import { formatDay } from './format.ts'

export function endWords(i18n: i18n, end: ShareEnd): string {
  const values = { ns: 'common', date: formatDay(end.day, i18n.language), time: end.time ?? '' } as const
  return end.time === null ? i18n.t('end.day', values) : i18n.t('end.time', values)
}

/** The same end in short for a table column: "27 Dec 2026", with the time for a share that is valid for hours. */
export function endDay({ day, time }: ShareEnd, language: string): string {
  return time === null ? formatDay(day, language) : `${formatDay(day, language)}, ${time}`
}
