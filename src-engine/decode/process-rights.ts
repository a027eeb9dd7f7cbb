/** What a decode process of Node's may do: hostile bytes that take it over gain next to nothing. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Which files a task may name: none when every task brings its bytes. */
export type ReadableFiles = 'none' | 'any'

/**
 * Options of Node for the process: it writes no file and starts no program, and reads the program's own files and
 * those that tasks may name. Addons and threads stay allowed: codecs are addons, and a thread watches the process.
 * Node 24 cannot forbid it the network.
 * @param entry file of the process
 * @see https://nodejs.org/docs/latest-v24.x/api/permissions.html
 */
export function rightsOf(entry: string, files: ReadableFiles): string[] {
  const readable = files === 'any' ? ['*'] : programFiles(entry)
  return [
    '--permission',
    '--allow-addons',
    '--allow-worker',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    '--disable-warning=SecurityWarning',
  ]
}

/**
 * No secret of the environment reaches the process: it gets none at all but for what Windows needs to load a library.
 */
export const emptyEnvironment = (): Record<string, string> => {
  const { SystemRoot } = process.env
  return process.platform === 'win32' && SystemRoot !== undefined ? { SystemRoot } : {}
}

/** The entry's folder, the packages, and in a checkout the sources that it imports. */
function programFiles(entry: string): string[] {
  const files = [join(dirname(entry), '*')]
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    files.push(join(folder, 'package.json'))
    if (existsSync(join(folder, 'node_modules'))) {
      const imported = ['node_modules', 'src-core', 'src-engine'].map((name) => join(folder, name))
      return [...files, ...imported.filter((path) => existsSync(path)).map((path) => join(path, '*'))]
    }
    if (folder === dirname(folder)) return files
  }
}
