import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { string, type Values } from './cli-command.ts'

/** Where a workstation keeps its data unless told otherwise: the place each operating system has for it. */
export function defaultDataFolder(name: string): string {
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), name)
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name)
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), name)
}

/** The data folder that --data names, which need not be there. */
export const dataFolderPath = (values: Values): string =>
  resolve(string(values, 'data') ?? process.env.OUTPOST_DATA ?? defaultDataFolder('outpost'))

/** The same, made when missing. */
export function dataFolder(values: Values): string {
  const folder = dataFolderPath(values)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}
