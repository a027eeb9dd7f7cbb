import path from 'node:path'

/** The directory of a file or directory, by its path relative to a folder; '' is the folder itself. */
export function parentOf(relative: string): string {
  const parent = path.dirname(relative)
  return parent === '.' ? '' : parent
}
