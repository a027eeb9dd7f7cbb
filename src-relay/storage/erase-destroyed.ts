/**
 * Erases deleted secrets from the files of the embedded PostgreSQL. PostgreSQL leaves a deleted row in the file of its
 * table until other data overwrites it, and in the write-ahead log until the log file is used again.
 */
import type pg from 'pg'

/** These tables have rows of live shares only, so that rewriting them is quick. */
const SECRET_TABLES = ['server_secret', 'owner_slot']
/** When a transaction locks a table for longer, the pass fails and is tried again. */
const LOCK_TIMEOUT = '5s'

/**
 * Erases all secrets that were deleted before the call. It needs a superuser, wal_recycle=off, and no archive or
 * replica, as the embedded database has them.
 * @throws when a table was locked for too long, or when earlier log files could not be removed
 */
export async function eraseDestroyed(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  let broken = true
  try {
    for (const table of SECRET_TABLES) await rewrite(client, table)
    await dropWriteAheadLog(client)
    broken = false
  } finally {
    client.release(broken)
  }
}

/** Erases the samples that ANALYZE stored before the columns of secrets were excluded from it. */
export async function eraseStatistics(pool: pg.Pool): Promise<void> {
  await pool.query('VACUUM (FULL) pg_catalog.pg_statistic')
}

/**
 * Copies the live rows to a new file and drops the old file. VACUUM FULL would copy deleted rows that an older
 * transaction may still see. The relay's transactions see this change, because they take a new snapshot for each
 * statement, and they wait for the lock.
 */
async function rewrite(client: pg.PoolClient, table: string): Promise<void> {
  try {
    await client.query(`
      BEGIN; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}';
      LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE;
      CREATE TEMPORARY TABLE live_rows ON COMMIT DROP AS TABLE ${table};
      TRUNCATE ${table};
      INSERT INTO ${table} TABLE live_rows;
      COMMIT`)
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

/** Begins a new log file and removes all earlier ones, also files that PostgreSQL prepared to be used again. */
async function dropWriteAheadLog(client: pg.PoolClient): Promise<void> {
  const current = 'pg_walfile_name(pg_current_wal_insert_lsn())'
  const laterFiles = await client.query(
    `SELECT 1 FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' AND name > ${current}`,
  )
  for (let file = 0; file <= laterFiles.rows.length; file += 1) {
    // PostgreSQL does not end a file without content, so that a message is written first.
    await client.query("SELECT pg_logical_emit_message(false, 'outpost', ''), pg_switch_wal()")
  }
  const { rows } = await client.query<{ current: string }>(
    "SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS current, pg_logical_emit_message(false, 'outpost', '')",
  )
  await client.query('CHECKPOINT')
  const earlierFiles = await client.query("SELECT 1 FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' AND name < $1", [
    rows[0]?.current,
  ])
  if (earlierFiles.rows.length > 0) throw new Error('earlier write-ahead log files are still there')
}
