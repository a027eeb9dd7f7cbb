/** The program as it is installed: each entry is one bundle in the folder of this file. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { programAt, type Program } from './program.ts'

/**
 * Folder of the bundles that run as threads and processes. It is outside of the archive, because they cannot load
 * modules from inside it.
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
