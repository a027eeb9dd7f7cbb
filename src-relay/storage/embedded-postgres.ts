/**
 * Runs the embedded PostgreSQL. It is started and stopped with the relay, and started again when it dies. A server that
 * still runs after the relay was killed is used again.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { platform, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { z } from 'zod'
import { tryParseJson } from '../../src-core/parse-json.ts'
import { replaceFile } from '../../src-engine/files/replace-file.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import {
  databaseAccount,
  databasePrograms,
  isReachable,
  systemFolder,
  type Account,
  type Programs,
} from './embedded-binaries.ts'

/** A database and everything that is needed to start it. */
interface Cluster {
  readonly location: DatabaseLocation
  readonly locationFile: string
  readonly programs: Programs
  readonly account: Account | undefined
}

/** Stored beside the data (0600), so that the next start finds the same database. */
const DatabaseLocation = z.object({ directory: z.string(), port: z.number(), password: z.string() })
type DatabaseLocation = z.infer<typeof DatabaseLocation>

export interface EmbeddedPostgres {
  readonly url: string
  close(): Promise<void>
}

const START_MS = 60_000
const RELAUNCH_MS = 300
const EXIT_WAIT_MS = 2000
/** The longest time between two tries to start the database again. */
const MAX_BACKOFF_MS = 30_000
/** The advisory lock of the relay that uses the database. A second relay on the same folder is refused. */
const OWNER_LOCK = 7_203_001

/**
 * Starts the database of the folder, or connects to it when it still runs.
 * @param onFailure receives the end of a database that ended by itself, and each failed try to start it again
 * @error data-folder-in-use
 */
export async function startEmbeddedPostgres(
  folder: string,
  onFailure: (error: Error) => void = () => {},
): Promise<EmbeddedPostgres> {
  const account = databaseAccount()
  // When the relay runs as root, the database's account must be able to enter the folder. It cannot list or read it.
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // The mode is set by chmod, because the umask limits the mode that is given to mkdir.
  if (account !== undefined) await chmod(folder, 0o711)
  const programs = await databasePrograms(account)
  const locationFile = join(resolve(folder), 'database.json')
  const location =
    (await readLocation(locationFile)) ?? (await initialise(resolve(folder), locationFile, programs, account))
  const cluster: Cluster = { location, locationFile, programs, account }
  await ensureRunning(cluster, { mayMove: true, isStopped: () => false })
  return keepRunning(cluster, await acquireOwnership(location), onFailure)
}

/**
 * Watches the connection that holds the owner lock. When it breaks, the database is started again at the same port, to
 * which the relay's other connections reconnect.
 */
function keepRunning(cluster: Cluster, first: pg.Client, onFailure: (error: Error) => void): EmbeddedPostgres {
  const { location } = cluster
  let owner = first
  let stopped = false
  let restarting: Promise<void> = Promise.resolve()
  const restart = async (): Promise<void> => {
    for (let tries = 1; !stopped; tries += 1) {
      try {
        await ensureRunning(cluster, { mayMove: false, isStopped: () => stopped })
        watch(await acquireOwnership(location))
        return
      } catch (error) {
        onFailure(error as Error)
        // The database does not start, or another relay has the lock. Until this changes, requests are answered with
        // 503.
        await pause(Math.min(MAX_BACKOFF_MS, RELAUNCH_MS * 2 ** tries))
      }
    }
  }
  const watch = (client: pg.Client): void => {
    owner = client
    client.once('end', () => {
      if (stopped) return
      onFailure(new OutpostError('relay-error', { at: 'database' }))
      restarting = restart()
    })
  }
  watch(first)
  return {
    url: urlOf(location),
    async close() {
      stopped = true
      await restarting
      await stop(location, owner, await runningProcess(location))
    },
  }
}

/** Returns the URL of the folder's database; null when it does not run. */
export async function runningDatabase(folder: string): Promise<string | null> {
  const location = await readLocation(join(resolve(folder), 'database.json'))
  return location !== null && (await probe(location)) === 'ready' ? urlOf(location) : null
}

const urlOf = (location: DatabaseLocation, database = 'outpost'): string =>
  `postgres://outpost:${location.password}@127.0.0.1:${location.port}/${database}`

async function readLocation(file: string): Promise<DatabaseLocation | null> {
  try {
    return tryParseJson(await readFile(file, 'utf8'), DatabaseLocation) ?? null
  } catch {
    return null
  }
}

/** Makes an empty database. Its location is stored last, so that an interrupted initialisation is done again. */
async function initialise(
  folder: string,
  locationFile: string,
  programs: Programs,
  account: Account | undefined,
): Promise<DatabaseLocation> {
  const isFolderReachable = account === undefined || (await isReachable(folder, account))
  const directory = isFolderReachable ? join(folder, 'postgresql') : await directoryElsewhere(locationFile)
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if (account !== undefined) await chown(directory, account.uid, account.gid)
  const password = randomBytes(24).toString('hex')
  const passwordFile = join(directory, '..', `.password-${randomBytes(6).toString('hex')}`)
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid)
  try {
    const flags = [
      `--pgdata=${directory}`,
      '--auth=scram-sha-256',
      '--username=outpost',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--no-locale',
    ]
    await promisify(execFile)(programs.initdb, flags, { ...account, env: { ...process.env, LC_ALL: 'C' }, cwd: '/' })
  } finally {
    await rm(passwordFile, { force: true })
  }
  await chmod(directory, 0o700)
  const location = { directory, port: await freePort(0), password }
  await replaceFile(locationFile, JSON.stringify(location))
  return location
}

/**
 * Returns a new directory in the system's folder, for a relay whose folder the account cannot enter. Directories are
 * removed whose relay had its folder in the temporary folder, and whose folder does not exist any more.
 */
async function directoryElsewhere(locationFile: string): Promise<string> {
  const folder = await systemFolder()
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.owner'))) {
    const owner = await readFile(join(folder, name), 'utf8')
    // The folder is checked and not the location file: while a relay makes its database the file does not exist yet.
    const isFolderGone = (await stat(dirname(owner)).catch(() => null)) === null
    if (!owner.startsWith(join(tmpdir(), '/')) || !isFolderGone) continue
    await rm(join(folder, name.slice(0, -'.owner'.length)), { recursive: true, force: true })
    await rm(join(folder, name), { force: true })
  }
  const directory = join(folder, `data-${randomBytes(8).toString('hex')}`)
  await writeFile(`${directory}.owner`, locationFile, { mode: 0o600 })
  return directory
}

/** Returns the preferred port when it is free on the loopback, else another one. 0 stands for any port. */
function freePort(preferred: number): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', () => (preferred === 0 ? fail(new Error('no free port')) : done(freePort(0))))
    probe.listen(preferred, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

type ServerState = 'ready' | 'starting' | 'absent'

/** Finds out whether this database answers at its port. Another server at the port would refuse the password. */
async function probe(location: DatabaseLocation): Promise<ServerState> {
  const client = new pg.Client({ connectionString: urlOf(location, 'postgres'), connectionTimeoutMillis: 3000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const existing = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', ['outpost'])
    if (existing.rowCount === 0) await client.query('CREATE DATABASE outpost')
    return 'ready'
  } catch (error) {
    // 57P03: the database system is starting up or shutting down.
    return (error as { code?: string }).code === '57P03' ? 'starting' : 'absent'
  } finally {
    await client.end().catch(() => {})
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Returns the process id in postmaster.pid when that process still runs and is this database's server. */
async function runningProcess(location: DatabaseLocation): Promise<number | null> {
  const pidFile = await readFile(join(location.directory, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(pidFile.split('\n')[0])
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return command !== null && !command.includes(location.directory) ? null : pid
}

/**
 * Waits until the database answers, and starts it if it does not run.
 * @param options.mayMove whether the port may change
 */
async function ensureRunning(
  { location, locationFile, programs, account }: Cluster,
  { mayMove, isStopped }: { mayMove: boolean; isStopped: () => boolean },
): Promise<void> {
  const deadline = Date.now() + START_MS
  let running: ChildProcess | null = null
  while (Date.now() < deadline && !isStopped()) {
    const state = await probe(location)
    if (state === 'ready') return
    if (state === 'absent' && (running === null || hasEnded(running)) && (await runningProcess(location)) === null) {
      const port = mayMove ? await freePort(location.port) : location.port
      if (port !== location.port) {
        location.port = port
        await replaceFile(locationFile, JSON.stringify(location))
      }
      // The server exits at once while processes of a killed server still hold shared memory. It is then started again
      // after a pause.
      if (running !== null) await pause(RELAUNCH_MS)
      running = launch(location, programs, account)
    }
    await pause(40)
  }
  throw new Error('the embedded database did not start')
}

/**
 * Starts the server in a process group of its own. A Ctrl+C in the terminal then reaches only the relay, which stops
 * the database as its last step.
 */
function launch(location: DatabaseLocation, programs: Programs, account: Account | undefined): ChildProcess {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=60',
    'shared_buffers=64MB',
    'logging_collector=off',
    'log_statement=none',
    'log_min_error_statement=panic',
    // Deleted secrets must also leave the files, see erase-destroyed.ts. This database has no replica or log archive.
    'wal_level=minimal',
    'max_wal_senders=0',
    'wal_recycle=off',
    'wal_init_zero=on',
    'min_wal_size=32MB',
    'max_wal_size=256MB',
  ]
  const child = spawn(
    programs.postgres,
    ['-D', location.directory, '-p', String(location.port), ...settings.flatMap((setting) => ['-c', setting])],
    {
      ...account,
      detached: true,
      stdio: 'ignore',
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C' },
    },
  )
  child.on('error', () => {})
  child.unref()
  return child
}

/** A process that could not be started has no process id. */
const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** Takes the owner lock on a new connection. @error data-folder-in-use */
async function acquireOwnership(location: DatabaseLocation): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: urlOf(location), keepAlive: true })
  client.on('error', () => {})
  await client.connect()
  // PostgreSQL may need a moment to notice that the connection of a killed relay has ended.
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [OWNER_LOCK])
    if (rows[0]?.locked === true) return client
    await pause(100)
  }
  await client.end()
  throw new OutpostError('data-folder-in-use')
}

/** Stops the server by a fast shutdown: open transactions are rolled back, and committed ones are on disk. */
async function stop(location: DatabaseLocation, owner: pg.Client, pid: number | null): Promise<void> {
  await owner.end().catch(() => {})
  // Another program may have got the same process id in the meantime.
  if (
    pid === null ||
    ((await runningProcess(location)) !== pid && (await stat(location.directory).catch(() => null)) !== null)
  )
    return
  // Windows has no SIGINT. A killed server recovers from its write-ahead log at the next start.
  process.kill(pid, platform() === 'win32' ? 'SIGKILL' : 'SIGINT')
  const deadline = Date.now() + START_MS
  while (Date.now() < deadline && (await stat(join(location.directory, 'postmaster.pid')).catch(() => null)) !== null)
    await pause(20)
  // The server removes the file shortly before it exits. The wait is limited, because in a container without an init
  // process an ended process stays visible.
  const exitDeadline = Date.now() + EXIT_WAIT_MS
  while (Date.now() < exitDeadline && isAlive(pid)) await pause(20)
}

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))
