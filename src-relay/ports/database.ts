/** The interface of the relay's opened database. */
import type { Kysely, Transaction } from 'kysely'
import type pg from 'pg'
import type { Schema } from './schema.ts'

export type Database = Kysely<Schema>
export type DatabaseTransaction = Transaction<Schema>

export interface OpenDatabase {
  readonly db: Database
  readonly pool: pg.Pool
  /**
   * Connections that hold advisory locks while work goes on. They are a pool of their own: holders of locks could
   * otherwise take all connections, and then wait forever for one to do their work with.
   */
  readonly lockPool: pg.Pool
  close(): Promise<void>
}
