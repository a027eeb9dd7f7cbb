/** A directory file of either kind, told apart by what is in it (X9). */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { readDirectoryCsv, type DirectoryFile } from './read-csv.ts'
import { readDirectoryFhir } from './read-fhir.ts'

/** @error directory-file-unreadable */
export function readDirectory(text: string): DirectoryFile {
  if (!text.trimStart().startsWith('{')) return readDirectoryCsv(text)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new OutpostError('directory-file-unreadable', {}, { cause: error })
  }
  return readDirectoryFhir(json)
}
