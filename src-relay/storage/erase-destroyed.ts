/**
 * Erases what was deleted from the tables of secrets from the files of the embedded PostgreSQL. There, a deleted row
 * stays in its table until it happens to be overwritten, and in the write-ahead log until its file is used again.
 */
import type pg from 'pg'

/** They hold rows of live shares only, so that writing them anew is quick. */
const TABLES = ['server_secret', 'owner_slot']
/** A transaction that holds a table for longer makes the pass fail; it is tried again. */
const LOCK_TIMEOUT = '5s'

/**
 * Needs a superuser, wal_recycle=off and no archive or replica: the embedded database has all three.
 * @throws when a table stayed locked, or when older log files stayed
 */
export async function eraseDestroyed(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  let broken = true
  try {
    for (const table of TABLES) await rewrite(client, table)
    await dropWriteAheadLog(client)
    broken = false
  } finally {
    client.release(broken)
  }
}

/** Erases samples of rows that ANALYZE took before the columns of secrets were excluded from it. */
export async function eraseStatistics(pool: pg.Pool): Promise<void> {
  await pool.query('VACUUM (FULL) pg_catalog.pg_statistic')
}

/**
 * Copies the live rows to a new file and drops the old one. VACUUM FULL would keep deleted rows that an older
 * transaction may still see. The transactions here read each statement anew, and wait for the lock.
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

/** Begins a new log file and removes all earlier ones, also those that were kept to be written over. */
async function dropWriteAheadLog(client: pg.PoolClient): Promise<void> {
  const current = 'pg_walfile_name(pg_current_wal_insert_lsn())'
  const later = await client.query(`SELECT 1 FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' AND name > ${current}`)
  for (let file = 0; file <= later.rows.length; file += 1) {
    // A file in which nothing is written yet cannot be ended.
    await client.query("SELECT pg_logical_emit_message(false, 'outpost', ''), pg_switch_wal()")
  }
  const { rows } = await client.query<{ begun: string }>(
    "SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS begun, pg_logical_emit_message(false, 'outpost', '')",
  )
  await client.query('CHECKPOINT')
  const left = await client.query("SELECT 1 FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' AND name < $1", [
    rows[0]?.begun,
  ])
  if (left.rows.length > 0) throw new Error('earlier write-ahead log files are still there')
}
