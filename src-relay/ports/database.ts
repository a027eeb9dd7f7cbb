/** The relay's database, open. */
import type { Kysely, Transaction } from 'kysely'
import type pg from 'pg'
import type { Schema } from './schema.ts'

export type Database = Kysely<Schema>
export type DatabaseTransaction = Transaction<Schema>

export interface OpenDatabase {
  readonly db: Database
  readonly pool: pg.Pool
  /**
   * Connections that hold advisory locks while work goes on. Apart from the others: were they the same, those who hold
   * a lock could wait for ever for a connection to do their work with.
   */
  readonly lockPool: pg.Pool
  close(): Promise<void>
}
