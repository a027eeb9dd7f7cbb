import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { string, type Values } from './command.ts'

/** The default data folder, at the location that each operating system has for application data. */
export function defaultDataFolder(name: string): string {
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), name)
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name)
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), name)
}

/** The permission bits of group and others, which are removed from everything that a program creates. */
const ONLY_OWNER = 0o077

/**
 * Makes every file that this process creates from now on, databases and journals included, accessible to its owner
 * only. Every entry of a program calls it first.
 */
export function keepFilesPrivate(): void {
  process.umask(ONLY_OWNER)
}

/**
 * Creates the folder where it is missing, and removes the access of everyone but the owner to it and to the files
 * directly in it: an earlier version, or another creator of the folder, may have left it open.
 * @param user the id of the account that must own the folder; undefined on Windows, where access lists decide
 * @error data-folder-of-another-user
 */
export function privateFolder(folder: string, user = process.getuid?.()): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (user === undefined) return folder
  if (statSync(folder).uid !== user) throw new OutpostError('data-folder-of-another-user')
  chmodSync(folder, 0o700)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    // A symbolic link is not changed: chmod would change its target, which may lie outside of the folder.
    if (entry.isFile()) closeToOthers(join(folder, entry.name), 0o600)
    else if (entry.isDirectory()) closeToOthers(join(folder, entry.name), 0o700)
  }
  return folder
}

/**
 * Removes the access of others to a file. Another command may have just removed it, as the journal of a closed
 * database.
 */
function closeToOthers(path: string, mode: number): void {
  const status = statSync(path, { throwIfNoEntry: false })
  if (status !== undefined && (status.mode & ONLY_OWNER) !== 0) chmodSync(path, mode)
}

/** The path of the data folder that --data names; the folder need not exist. */
export const dataFolderPath = (values: Values): string =>
  resolve(string(values, 'data') ?? process.env.OUTPOST_DATA ?? defaultDataFolder('outpost'))

/** The data folder that --data names, created when it is missing. @error data-folder-of-another-user */
export const dataFolder = (values: Values): string => privateFolder(dataFolderPath(values))
