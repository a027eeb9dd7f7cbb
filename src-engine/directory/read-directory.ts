/** Reads a directory file, CSV or FHIR, which is recognized by its content (X9). */
import { z } from 'zod'
import { parseJson } from '../../src-core/parse-json.ts'
import { readDirectoryCsv, type DirectoryFile } from './read-csv.ts'
import { readDirectoryFhir } from './read-fhir.ts'

/**
 * The entries of a directory file.
 * @error directory-file-unreadable
 */
export function readDirectory(text: string): DirectoryFile {
  if (!text.trimStart().startsWith('{')) return readDirectoryCsv(text)
  return readDirectoryFhir(parseJson(text, z.unknown(), 'directory-file-unreadable'))
}
