import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where a workstation keeps its data unless told otherwise: the place each operating system has for it. */
export function defaultDataFolder(name: string): string {
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), name)
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name)
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), name)
}
