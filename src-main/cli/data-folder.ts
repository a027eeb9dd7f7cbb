import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { string, type Values } from './command.ts'

/** Where a workstation keeps its data unless told otherwise: the place each operating system has for it. */
export function defaultDataFolder(name: string): string {
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), name)
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name)
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), name)
}

/** Permissions that others of this machine lose on everything that a program makes. */
const ONLY_OWNER = 0o077

/**
 * Every entry of a program calls this first: what it makes from then on, databases and their journals too, is its
 * owner's alone.
 */
export function keepFilesPrivate(): void {
  process.umask(ONLY_OWNER)
}

/**
 * Makes the folder where it is missing, and closes it and what lies directly in it to everyone but its owner: an
 * earlier version, or whoever made the folder, may have left it open.
 * @param user the id of the account that must own the folder; undefined on Windows, where access lists decide
 * @error data-folder-of-another-user
 */
export function privateFolder(folder: string, user = process.getuid?.()): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (user === undefined) return folder
  if (statSync(folder).uid !== user) throw new OutpostError('data-folder-of-another-user')
  chmodSync(folder, 0o700)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    // A link is left alone: chmod would change what it points at, which may be outside of the folder.
    if (entry.isFile()) closeToOthers(join(folder, entry.name), 0o600)
    else if (entry.isDirectory()) closeToOthers(join(folder, entry.name), 0o700)
  }
  return folder
}

/** A journal of a database that another command just closed may be gone already. */
function closeToOthers(path: string, mode: number): void {
  const status = statSync(path, { throwIfNoEntry: false })
  if (status !== undefined && (status.mode & ONLY_OWNER) !== 0) chmodSync(path, mode)
}

/** The data folder that --data names, which need not be there. */
export const dataFolderPath = (values: Values): string =>
  resolve(string(values, 'data') ?? process.env.OUTPOST_DATA ?? defaultDataFolder('outpost'))

/** The same, made when missing. @error data-folder-of-another-user */
export const dataFolder = (values: Values): string => privateFolder(dataFolderPath(values))
