/** Limits the rights of a decode process of Node, so that hostile bytes which take it over can do almost nothing. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'

/** The files that a task may name; none when every task brings its bytes. */
export type ReadableFiles = 'none' | 'any'

/**
 * The options of Node for the process. It cannot write files or start programs; it can read the program's own files and
 * those that tasks may name. Addons and threads are allowed, because codecs are addons and a thread watches the
 * process. Node 24 cannot forbid network access.
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
 * Whether a debugger may be attached to this program. Its decode processes then accept a debugger too, each at its own
 * port, and have no time limit, because a process at a breakpoint looks like one that hangs.
 */
export const IS_INSPECTED = process.execArgv.some((option) => option.startsWith('--inspect'))

/** The options of Node for a process that accepts a debugger, at a free port of this machine. */
export const INSPECTOR_OPTIONS = IS_INSPECTED ? ['--inspect=127.0.0.1:0', '--allow-inspector'] : []

/** Prints the address for the debugger, and nothing else of what the process writes. */
export function printInspectorAddress(output: Readable): void {
  output.on('data', (chunk) => {
    const address = /Debugger listening on (ws:\/\/127\.0\.0\.1:\d+\/[\w-]+)/.exec(String(chunk))?.[1]
    if (address !== undefined) process.stderr.write(`A decode process takes a debugger at ${address}\n`)
  })
}

/**
 * The environment of the process. It is empty, so that no secret reaches the process, except for a variable that
 * Windows needs to load libraries.
 */
export const emptyEnvironment = (): Record<string, string> => {
  const { SystemRoot } = process.env
  return process.platform === 'win32' && SystemRoot !== undefined ? { SystemRoot } : {}
}

/** The folder of the entry, the packages, and in a checkout the sources that the entry imports. */
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
