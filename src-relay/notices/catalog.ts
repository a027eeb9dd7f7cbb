/** Catalogs of resources/messages, read once. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Language } from '../../src-core/contract/identifiers.ts'
import { parseJson } from '../../src-core/parse-json.ts'

const Catalog = z.record(z.string(), z.string())
export type Catalog = Readonly<z.infer<typeof Catalog>>
const read = new Map<string, Promise<Catalog>>()

/** A language that lacks a sentence shows the English one. */
export function catalog(messagesFolder: string, language: Language, namespace: string): Promise<Catalog> {
  const load = async (each: Language): Promise<Catalog> =>
    parseJson(await readFile(join(messagesFolder, each, `${namespace}.json`), 'utf8'), Catalog, 'internal')
  const key = `${messagesFolder}\0${language}\0${namespace}`
  const known =
    read.get(key) ??
    Promise.all([load('en'), language === 'en' ? {} : load(language)]).then(([english, own]) => ({
      ...english,
      ...own,
    }))
  read.set(key, known)
  known.catch(() => read.delete(key))
  return known
}

/** Puts values in the places of {{name}}. */
export function fill(sentence: string | undefined, values: Readonly<Record<string, string | number>>): string {
  return (sentence ?? '').replaceAll(/\{\{(\w+)\}\}/g, (_place, name: string) => String(values[name] ?? ''))
}
