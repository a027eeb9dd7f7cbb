import { describe, expect, it } from 'vitest'
import {
  catalogsOf,
  formatBytes,
  formatDay,
  formatInstant,
  formatPersonName,
  preferredLanguage,
  startI18n,
} from './i18n.ts'

describe('dates are never ambiguous', () => {
  it.each([
    ['20261121', 'en', '21 Nov 2026'],
    ['20260905', 'en', '5 Sep 2026'],
    ['2026-11-21', 'en', '21 Nov 2026'],
    ['2026.11.21', 'en', '21 Nov 2026'],
    ['20261121', 'nl', '21 nov 2026'],
    ['20260312', 'fr', '12 mars 2026'],
    ['20260312', 'de', '12. März 2026'],
  ])('%s in %s is %s', (day, language, text) => expect(formatDay(day, language)).toBe(text))
  it('leaves alone what is not a day', () => {
    expect(formatDay('20260230', 'en')).toBe('20260230')
    expect(formatDay('', 'en')).toBe('')
    expect(formatDay('2026', 'en')).toBe('2026')
  })
  it('shows an instant in the zone asked for', () =>
    expect(formatInstant('2026-11-21T23:30:00Z', 'en', 'Europe/Brussels')).toBe('22 Nov 2026, 00:30'))
})

describe('person names', () => {
  it.each([
    ['DOE^Jane', 'DOE, Jane'],
    ['DOE^Jane^Mary^Dr^MD', 'DOE, Dr Jane Mary, MD'],
    ['DOE', 'DOE'],
    ['', ''],
    ['^Jane', 'Jane'],
    ['DOE^Jane^^^', 'DOE, Jane'],
    ['YAMADA^Tarou=山田^太郎=やまだ^たろう', 'YAMADA, Tarou (山田 太郎 · やまだ たろう)'],
    ['=山田^太郎', '山田 太郎'],
  ])('%s is shown as %s', (stored, shown) => expect(formatPersonName(stored)).toBe(shown))
})

it('writes sizes in the units of mobile plans', () => {
  expect(formatBytes(412_000_000, 'en')).toBe('412 MB')
  expect(formatBytes(1_250_000, 'en')).toBe('1.3 MB')
  expect(formatBytes(0, 'en')).toBe('0 byte')
})

it('W12: picks the best language a browser asks for', () => {
  expect(preferredLanguage(['es-ES', 'nl-BE', 'fr'])).toBe('nl')
  expect(preferredLanguage(['es'])).toBe('en')
})

it('speaks the language it is started in, and makes a pseudo-language that keeps placeholders', () => {
  const catalogs = catalogsOf({
    '../x/en/common.json': { images_one: '{{count}} image', images_other: '{{count}} images' },
    '../x/nl/common.json': { images_one: '{{count}} beeld', images_other: '{{count}} beelden' },
  })
  const i18n = startI18n({ language: 'nl', catalogs, pseudo: true })
  expect(i18n.t('images', { count: 2 })).toBe('2 beelden')
  expect(i18n.t('images', { count: 1, lng: 'pseudo' })).toMatch(/^\[1 ímágé·+\]$/)
})
