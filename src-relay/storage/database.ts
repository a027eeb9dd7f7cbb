/** Opens the relay's PostgreSQL and brings its tables up to date. */
import { Kysely, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { shareOfConnections, type ConnectionShare } from './connections.ts'
import { migrations } from './migrations/index.ts'
import type { Database, OpenDatabase } from '../ports/database.ts'
import type { Schema } from '../ports/schema.ts'

const EIGHT_BYTE_INTEGER = 20

/**
 * @param url postgres://…
 * @param onError is told of every connection that breaks while nobody uses it
 * @error data-from-newer-version a newer relay has migrated this database
 */
export async function openDatabase(
  url: string,
  connections: ConnectionShare = shareOfConnections(),
  onError: (error: Error) => void = () => {},
): Promise<OpenDatabase> {
  const types = {
    getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
      oid === EIGHT_BYTE_INTEGER
        ? Number
        : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
  }
  const pool = new pg.Pool({ connectionString: url, max: connections.queries, types, keepAlive: true })
  replaceBroken(pool, onError)
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  const lockPool = new pg.Pool({ connectionString: url, max: connections.locks, keepAlive: true })
  replaceBroken(lockPool, onError)
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

/** A connection that breaks is replaced at the next query; without a listener it would end the process. */
function replaceBroken(pool: pg.Pool, onError: (error: Error) => void): void {
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', () => {}))
}

/** Of PostgreSQL: connections that it ends (class 08, 57P01 to 57P03); of the system: a port where nobody answers. */
const AWAY = /^(08...|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT)$/
/** What the driver says of a connection that broke in the middle, without a code. */
const BROKEN =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/

/** relay-error, which passes by itself, for a database that does not answer; any other error as it is. */
export function databaseFailure(error: unknown): unknown {
  if (error instanceof OutpostError || !(error instanceof Error)) return error
  const { code } = error as { code?: unknown }
  const away = typeof code === 'string' ? AWAY.test(code) : BROKEN.test(error.message)
  return away ? new OutpostError('relay-error', {}, { cause: error }) : error
}

async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  if (error instanceof Error && error.message.includes('corrupted migrations'))
    throw new OutpostError('data-from-newer-version', {}, { cause: error })
  throw error
}
