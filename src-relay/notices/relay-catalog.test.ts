import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadMailCatalog, loadMediaCatalog } from '../../src-engine/messages/catalogs.ts'
import { loadRelayCatalog } from './relay-catalog.ts'

const messagesFolder = resolve(import.meta.dirname, '../../resources/messages')

/** The names in braces of each text, by the path of its key. */
function placeholdersOf(catalog: object, path = ''): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(catalog).flatMap(([key, text]: [string, unknown]) =>
      typeof text === 'string'
        ? [[path + key, [...new Set(text.match(/\{+\w*\}+/g))].sort()]]
        : Object.entries(placeholdersOf(text as object, `${path}${key}.`)),
    ),
  )
}

describe.each([
  ['mail', loadMailCatalog],
  ['media', loadMediaCatalog],
  ['relay', loadRelayCatalog],
])('W12: the catalog %s', (_name, load: (folder: string, language: 'en' | 'nl' | 'fr' | 'de') => Promise<object>) => {
  it.each(['nl', 'fr', 'de'] as const)('has in %s each text of English, with its placeholders', async (language) => {
    const english = placeholdersOf(await load(messagesFolder, 'en'))
    expect(placeholdersOf(await load(messagesFolder, language))).toEqual(english)
    expect(Object.values(english).flat().join(' ')).toMatch(/^(\{\w+\} ?)+$/)
  })
})
