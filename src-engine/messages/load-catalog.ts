/** Loads the catalogs resources/messages/<language>/<name>.json for programs. Pages import theirs at build time. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import type { Language } from '../../src-core/contract/identifiers.ts'
import { parseJson } from '../../src-core/parse-json.ts'

/** @error internal when the file does not fit the schema */
type CatalogLoader<Catalog> = (messagesFolder: string, language: Language) => Promise<Catalog>

/**
 * Reads each file once; a file that could not be read is tried again by the next call.
 * @param name of the file, without .json
 */
export function catalogLoader<Catalog>(name: string, schema: z.ZodType<Catalog>): CatalogLoader<Catalog> {
  const catalogs = new Map<string, Promise<Catalog>>()
  return (messagesFolder, language) => {
    const file = join(messagesFolder, language, `${name}.json`)
    const loaded = catalogs.get(file)
    if (loaded !== undefined) return loaded
    const loading = readFile(file, 'utf8').then((text) => parseJson(text, schema, 'internal'))
    catalogs.set(file, loading)
    loading.catch(() => catalogs.delete(file))
    return loading
  }
}
