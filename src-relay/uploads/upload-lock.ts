/**
 * One writer per upload, over any number of processes: an advisory lock of PostgreSQL on a connection of its own, gone
 * with that connection.
 */
import type pg from 'pg'

/** Runs the work while holding the upload. @param pool used for locks alone. @returns null when another holds it */
export async function withUploadLock<T>(pool: pg.Pool, uploadId: string, work: () => Promise<T>): Promise<T | null> {
  const client = await pool.connect()
  let broken = false
  try {
    const { rows } = await client.query<{ held: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
      [uploadId],
    )
    if (rows[0]?.held !== true) return null
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
