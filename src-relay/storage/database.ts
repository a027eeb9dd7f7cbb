/** Opens the relay's PostgreSQL database and migrates its tables. */
import { Kysely, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { shareOfConnections, type ConnectionShare } from './connections.ts'
import { migrations } from './migrations/index.ts'
import type { Database, OpenDatabase } from '../ports/database.ts'
import type { Schema } from '../ports/schema.ts'

/** The object id of PostgreSQL's type bigint. */
const BIGINT_OID = 20

/**
 * @param url postgres://…
 * @param onError is called for every connection that breaks while it is not in use
 * @error data-from-newer-version a newer relay has migrated this database
 */
export async function openDatabase(
  url: string,
  connections: ConnectionShare = shareOfConnections(),
  onError: (error: Error) => void = () => {},
): Promise<OpenDatabase> {
  const types = {
    getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
      oid === BIGINT_OID ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
  }
  const pool = new pg.Pool({ connectionString: url, max: connections.queries, types, keepAlive: true })
  handleErrors(pool, onError)
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  const lockPool = new pg.Pool({ connectionString: url, max: connections.locks, keepAlive: true })
  handleErrors(lockPool, onError)
  return {
    db,
    pool,
    lockPool,
    async close() {
      await lockPool.end()
      await db.destroy()
    },
  }
}

/** Handles errors of connections, which would otherwise end the process. The pool replaces a broken one by itself. */
function handleErrors(pool: pg.Pool, onError: (error: Error) => void): void {
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', () => {}))
}

/**
 * Codes of PostgreSQL for ended connections (class 08, 57P01 to 57P03), and of the system for an unreachable server.
 */
const UNAVAILABLE_CODE = /^(08...|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT)$/
/** Messages of the driver for broken connections, which have no code. */
const UNAVAILABLE_MESSAGE =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/

/** Returns relay-error, a temporary failure, when the database does not answer; returns any other error unchanged. */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof OutpostError || !(error instanceof Error)) return error
  const { code } = error as { code?: unknown }
  const isUnavailable = typeof code === 'string' ? UNAVAILABLE_CODE.test(code) : UNAVAILABLE_MESSAGE.test(error.message)
  return isUnavailable ? new OutpostError('relay-error', {}, { cause: error }) : error
}

async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  if (error instanceof Error && error.message.includes('corrupted migrations'))
    throw new OutpostError('data-from-newer-version', {}, { cause: error })
  throw error
}
