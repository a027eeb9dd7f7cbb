/**
 * Allows one writer per upload, among all processes of the relay. The lock is an advisory lock of PostgreSQL on a
 * separate connection, and is released when that connection ends.
 */
import type pg from 'pg'

/**
 * Runs the work while it holds the lock of the upload.
 * @param pool the pool that is used for locks only
 * @returns the result of the work; null when another writer has the lock
 */
export async function withUploadLock<Result>(
  pool: pg.Pool,
  uploadId: string,
  work: () => Promise<Result>,
): Promise<Result | null> {
  const client = await pool.connect()
  let broken = false
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
      [uploadId],
    )
    if (rows[0]?.locked !== true) return null
    try {
      return await work()
    } finally {
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [uploadId]).catch(() => {
        broken = true
      })
    }
  } finally {
    client.release(broken)
  }
}
