import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AUDIT_ACTIONS } from '../src-core/audit/audit-entry.ts'

type Catalog = { readonly [key: string]: string | Catalog }
const read = (language: string, namespace: string): Catalog =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, `../resources/messages/${language}/${namespace}.json`), 'utf8'))

function flat(catalog: Catalog, path = ''): Map<string, string> {
  return new Map(
    Object.entries(catalog).flatMap(([key, value]) =>
      typeof value === 'string' ? [[path + key, value] as const] : [...flat(value, `${path}${key}.`)],
    ),
  )
}

const plain = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '')
const placeholders = (text: string): string =>
  [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)]
    .map((match) => match[1])
    .sort()
    .join(' ')

describe.each(['workstation', 'share'])('the texts of %s', (namespace) => {
  const english = flat(read('en', namespace))
  it.each(['nl', 'fr', 'de'])('W12: are complete in %s, with every plural form and placeholder', (language) => {
    const texts = flat(read(language, namespace))
    const plurals = new Set([...english.keys()].filter((key) => plain(key) !== key).map(plain))
    const wanted = new Set([
      ...[...english.keys()].filter((key) => plain(key) === key),
      ...[...plurals].flatMap((key) =>
        new Intl.PluralRules(language).resolvedOptions().pluralCategories.map((category) => `${key}_${category}`),
      ),
    ])
    expect([...wanted].filter((key) => !texts.has(key))).toEqual([])
    expect([...texts.keys()].filter((key) => !wanted.has(key))).toEqual([])
    const wrong = [...texts].filter(
      ([key, text]) =>
        placeholders(text) !== placeholders(english.get(key) ?? english.get(`${plain(key)}_other`) ?? ''),
    )
    expect(wrong.map(([key]) => key)).toEqual([])
  })
})

it('W7, W12: every action of the audit log has words, and no words lack an action', () => {
  const named = [...flat(read('en', 'workstation')).keys()].filter((key) => key.startsWith('audit.actions.'))
  expect(named.sort()).toEqual(AUDIT_ACTIONS.map((action) => `audit.actions.${action}`).sort())
})
