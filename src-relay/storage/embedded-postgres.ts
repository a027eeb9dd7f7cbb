/**
 * A PostgreSQL of the relay's own: started with it, adopted when it survived a kill, started again when it died,
 * stopped with it.
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
  reachable,
  systemFolder,
  type Account,
  type Programs,
} from './embedded-binaries.ts'

/** A database and what starts it. */
interface Cluster {
  readonly place: Place
  readonly placeFile: string
  readonly programs: Programs
  readonly account: Account | undefined
}

/** Kept beside the data (0600), so that the next start finds the same database. */
const Place = z.object({ directory: z.string(), port: z.number(), password: z.string() })
type Place = z.infer<typeof Place>

export interface EmbeddedPostgres {
  readonly url: string
  close(): Promise<void>
}

const START_MS = 60_000
const RELAUNCH_MS = 300
const GONE_MS = 2000
/** Between tries to start a database again. */
const LONGEST_BACKOFF_MS = 30_000
/** Held for as long as a relay uses its embedded database: a second relay on the same folder is refused. */
const OWNER_LOCK = 7_203_001

/**
 * Starts or adopts the database that belongs to the folder.
 * @param failed is told when the database ended by itself, and of each try to start it again that fails
 * @error data-folder-in-use
 */
export async function startEmbeddedPostgres(
  folder: string,
  failed: (error: Error) => void = () => {},
): Promise<EmbeddedPostgres> {
  const account = databaseAccount()
  // As root the database's account must be able to walk through the folder; what lies in it stays closed.
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // Not as a mode of mkdir, from which the umask would take it away.
  if (account !== undefined) await chmod(folder, 0o711)
  const programs = await databasePrograms(account)
  const placeFile = join(resolve(folder), 'database.json')
  const place = (await readPlace(placeFile)) ?? (await initialise(resolve(folder), placeFile, programs, account))
  const cluster: Cluster = { place, placeFile, programs, account }
  await run(cluster, { mayMove: true, isStopped: () => false })
  return keepRunning(cluster, await own(place), failed)
}

/**
 * Watches the connection that owns the database. When it breaks, the database is started again at its port, where the
 * relay's other connections look for it.
 */
function keepRunning(cluster: Cluster, first: pg.Client, failed: (error: Error) => void): EmbeddedPostgres {
  const { place } = cluster
  let owner = first
  let stopped = false
  let reviving: Promise<void> = Promise.resolve()
  const revive = async (): Promise<void> => {
    for (let tries = 1; !stopped; tries += 1) {
      try {
        await run(cluster, { mayMove: false, isStopped: () => stopped })
        watch(await own(place))
        return
      } catch (error) {
        // It does not start, or another relay uses it by now: until it can be had, requests are answered with 503.
        failed(error as Error)
        await pause(Math.min(LONGEST_BACKOFF_MS, RELAUNCH_MS * 2 ** tries))
      }
    }
  }
  const watch = (client: pg.Client): void => {
    owner = client
    client.once('end', () => {
      if (stopped) return
      failed(new OutpostError('relay-error', { at: 'database' }))
      reviving = revive()
    })
  }
  watch(first)
  return {
    url: urlOf(place),
    async close() {
      stopped = true
      await reviving
      await stop(place, owner, await survivor(place))
    },
  }
}

/** Where the database of a folder answers now; null: nobody has started it. */
export async function runningDatabase(folder: string): Promise<string | null> {
  const place = await readPlace(join(resolve(folder), 'database.json'))
  return place !== null && (await ask(place)) === 'ready' ? urlOf(place) : null
}

const urlOf = (place: Place, database = 'outpost'): string =>
  `postgres://outpost:${place.password}@127.0.0.1:${place.port}/${database}`

async function readPlace(file: string): Promise<Place | null> {
  try {
    return tryParseJson(await readFile(file, 'utf8'), Place) ?? null
  } catch {
    return null
  }
}

/** Makes an empty cluster. Its place is written down last: a start that was killed before begins again. */
async function initialise(
  folder: string,
  placeFile: string,
  programs: Programs,
  account: Account | undefined,
): Promise<Place> {
  const own = account === undefined || (await reachable(folder, account))
  const directory = own ? join(folder, 'postgresql') : await directoryElsewhere(placeFile)
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
  const place = { directory, port: await freePort(0), password }
  await replaceFile(placeFile, JSON.stringify(place))
  return place
}

/**
 * Data beside a folder that the account cannot reach; what belonged to folders in the temporary folder that are gone is
 * removed on the way.
 */
async function directoryElsewhere(placeFile: string): Promise<string> {
  const folder = await systemFolder()
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.owner'))) {
    const owner = await readFile(join(folder, name), 'utf8')
    // The file itself is written last: while another relay makes its database only the folder is there.
    const gone = (await stat(dirname(owner)).catch(() => null)) === null
    if (!owner.startsWith(join(tmpdir(), '/')) || !gone) continue
    await rm(join(folder, name.slice(0, -'.owner'.length)), { recursive: true, force: true })
    await rm(join(folder, name), { force: true })
  }
  const directory = join(folder, `data-${randomBytes(8).toString('hex')}`)
  await writeFile(`${directory}.owner`, placeFile, { mode: 0o600 })
  return directory
}

/** The port asked for when it is free on the loopback, else another. */
function freePort(wanted: number): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', () => (wanted === 0 ? fail(new Error('no free port')) : done(freePort(0))))
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

type Answer = 'ready' | 'starting' | 'absent'

/** Whether this very cluster answers at its port: another one would not take the password. */
async function ask(place: Place): Promise<Answer> {
  const client = new pg.Client({ connectionString: urlOf(place, 'postgres'), connectionTimeoutMillis: 3000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', ['outpost'])
    if (found.rowCount === 0) await client.query('CREATE DATABASE outpost')
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

/** The process id in postmaster.pid when that process still runs. */
async function survivor(place: Place): Promise<number | null> {
  const first = (await readFile(join(place.directory, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]
  const pid = Number(first)
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return command !== null && !command.includes(place.directory) ? null : pid
}

/** @param options.mayMove to another port where its own is taken */
async function run(
  { place, placeFile, programs, account }: Cluster,
  { mayMove, isStopped }: { mayMove: boolean; isStopped: () => boolean },
): Promise<void> {
  const end = Date.now() + START_MS
  let running: ChildProcess | null = null
  while (Date.now() < end && !isStopped()) {
    const answer = await ask(place)
    if (answer === 'ready') return
    if (answer === 'absent' && (running === null || hasEnded(running)) && (await survivor(place)) === null) {
      const port = mayMove ? await freePort(place.port) : place.port
      if (port !== place.port) {
        place.port = port
        await replaceFile(placeFile, JSON.stringify(place))
      }
      // It gives up at once while processes of a database that was killed still hold its memory: then it is launched
      // again.
      if (running !== null) await pause(RELAUNCH_MS)
      running = launch(place, programs, account)
    }
    await pause(40)
  }
  throw new Error('the embedded database did not start')
}

/**
 * Detached: a Ctrl+C in the terminal reaches the relay alone, which stops the database when it has finished with it.
 */
function launch(place: Place, programs: Programs, account: Account | undefined): ChildProcess {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=60',
    'shared_buffers=64MB',
    'logging_collector=off',
    'log_statement=none',
    'log_min_error_statement=panic',
    // What a relay destroys has to leave its files: see erase-destroyed.ts. Nobody copies this database's log.
    'wal_level=minimal',
    'max_wal_senders=0',
    'wal_recycle=off',
    'wal_init_zero=on',
    'min_wal_size=32MB',
    'max_wal_size=256MB',
  ]
  const child = spawn(
    programs.postgres,
    ['-D', place.directory, '-p', String(place.port), ...settings.flatMap((setting) => ['-c', setting])],
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

/** A child that could not even be started has no process id. */
const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** @error data-folder-in-use */
async function own(place: Place): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: urlOf(place), keepAlive: true })
  client.on('error', () => {})
  await client.connect()
  // The connection of a relay that was killed may take a moment to be noticed.
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [OWNER_LOCK])
    if (rows[0]?.held === true) return client
    await pause(100)
  }
  await client.end()
  throw new OutpostError('data-folder-in-use')
}

/** Fast shutdown: open transactions are rolled back, what was committed is on disk. */
async function stop(place: Place, owner: pg.Client, pid: number | null): Promise<void> {
  await owner.end().catch(() => {})
  // Under the same number another program may run by now.
  if (pid === null || ((await survivor(place)) !== pid && (await stat(place.directory).catch(() => null)) !== null))
    return
  // Windows has no SIGINT; a kill there is survived by the write-ahead log.
  process.kill(pid, platform() === 'win32' ? 'SIGKILL' : 'SIGINT')
  const end = Date.now() + START_MS
  while (Date.now() < end && (await stat(join(place.directory, 'postmaster.pid')).catch(() => null)) !== null)
    await pause(20)
  // It takes its file away a moment before it is gone itself. Where nobody collects ended processes it never seems
  // gone.
  const gone = Date.now() + GONE_MS
  while (Date.now() < gone && isAlive(pid)) await pause(20)
}

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))
