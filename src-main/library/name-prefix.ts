/** How the files of a directory are named to the system, one directory after the other. */
import path from 'node:path'

/** @param directory absolute @returns what makes a path of a name in that directory, until the next call */
export type NamePrefix = (directory: string) => string

/** Right everywhere. */
export const byFullPath: NamePrefix = (directory) => (directory.endsWith(path.sep) ? directory : directory + path.sep)

/**
 * Moves the process into each directory, so that the system need not walk the whole path again for every file: a fifth
 * of what asking a file for its
 * times costs. For commands, which have the process to themselves; a thread cannot move, and goes by full paths.
 */
export function movingAlong(): { readonly prefix: NamePrefix; back(): void } {
  const home = process.cwd()
  let here = home
  const moveTo = (directory: string): boolean => {
    if (directory === here) return true
    try {
      process.chdir(directory)
      here = directory
      return true
    } catch {
      return false
    }
  }
  return { prefix: (directory) => (moveTo(directory) ? '' : byFullPath(directory)), back: () => void moveTo(home) }
}
