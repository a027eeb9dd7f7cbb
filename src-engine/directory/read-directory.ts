/** A directory file of either kind, told apart by what is in it (X9). */
import { z } from 'zod'
import { parseJson } from '../../src-core/parse-json.ts'
import { readDirectoryCsv, type DirectoryFile } from './read-csv.ts'
import { readDirectoryFhir } from './read-fhir.ts'

/** @error directory-file-unreadable */
export function readDirectory(text: string): DirectoryFile {
  if (!text.trimStart().startsWith('{')) return readDirectoryCsv(text)
  return readDirectoryFhir(parseJson(text, z.unknown(), 'directory-file-unreadable'))
}
