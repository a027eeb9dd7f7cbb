import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../src-core/contract/errors.ts'

const read = (language: string, namespace: string): Record<string, unknown> =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, `../resources/messages/${language}/${namespace}.json`), 'utf8'))

/** Returns every text by its path. The plural forms of a text count as one, because languages have different ones. */
function texts(catalog: Record<string, unknown>, path = ''): Map<string, string[]> {
  const textsByPath = new Map<string, string[]>()
  for (const [key, value] of Object.entries(catalog)) {
    const name = path + key.replace(/_(zero|one|two|few|many|other)$/, '_#')
    if (typeof value === 'string') textsByPath.set(name, [...(textsByPath.get(name) ?? []), value])
    else for (const [inner, list] of texts(value as Record<string, unknown>, `${name}.`)) textsByPath.set(inner, list)
  }
  return textsByPath
}
const placeholders = (list: readonly string[]) => [...new Set(list.join(' ').match(/\{\{[^}]*\}\}/g) ?? [])].sort()

describe.each(['nl', 'fr', 'de'])('W12: %s', (language) => {
  it.each(['common', 'viewer', 'portal', 'errors'])('says all that English says in %s', (namespace) => {
    const english = texts(read('en', namespace))
    const translated = texts(read(language, namespace))
    expect([...translated.keys()].sort()).toEqual([...english.keys()].sort())
    for (const [key, list] of english) {
      expect(placeholders(translated.get(key)!), key).toEqual(placeholders(list))
      expect(
        translated.get(key)!.every((text) => text.trim() !== ''),
        key,
      ).toBe(true)
    }
  })
  it.each(['common', 'portal'])('has every plural form its grammar needs in %s', (namespace) => {
    const catalog = JSON.stringify(read(language, namespace))
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    for (const match of catalog.matchAll(/"(\w+)_other":/g))
      for (const form of forms) expect(catalog).toContain(`"${match[1]}_${form}":`)
  })
})

it('every error code has one sentence in English, and no sentence lacks a code', () => {
  expect(Object.keys(read('en', 'errors')).sort()).toEqual([...ERROR_CODES].sort())
})
