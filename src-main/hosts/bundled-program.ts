/** The program as it is installed: every entry is one bundle beside this one. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { programAt, type Program } from './program.ts'

/**
 * Bundles that are started as threads and processes lie beside the archive: what runs from there may not resolve
 * modules inside it.
 */
const bundles = import.meta.dirname.replace(/app\.asar(?!\.unpacked)/, 'app.asar.unpacked')
export const installedFolder = join(import.meta.dirname, '..', '..')
export const decodeBundle = join(bundles, 'decode.mjs')

export function bundledProgram(): Program {
  const bundle = (name: string) => pathToFileURL(join(bundles, name))
  return programAt(installedFolder, {
    storage: bundle('storage.mjs'),
    indexer: bundle('indexer.mjs'),
    preparer: bundle('preparer.mjs'),
    decode: pathToFileURL(decodeBundle),
  })
}
