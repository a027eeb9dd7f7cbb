/** What a decode process of Node's may do: hostile bytes that take it over gain next to nothing. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'

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
 * Whether a debugger may be attached to this program. Its decode processes then take one too, each at a port of its
 * own, and have no limit of time, since a process that stands at a breakpoint looks like one that hangs.
 */
export const IS_INSPECTED = process.execArgv.some((option) => option.startsWith('--inspect'))

/** Options of Node for a process that a debugger may be attached to: at a free port of this machine. */
export const INSPECTOR_OPTIONS = IS_INSPECTED ? ['--inspect=127.0.0.1:0', '--allow-inspector'] : []

/** Prints where a debugger can be attached, and nothing else of what the process writes. */
export function tellInspector(output: Readable): void {
  output.on('data', (chunk) => {
    const address = /Debugger listening on (ws:\/\/127\.0\.0\.1:\d+\/[\w-]+)/.exec(String(chunk))?.[1]
    if (address !== undefined) process.stderr.write(`A decode process takes a debugger at ${address}\n`)
  })
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
