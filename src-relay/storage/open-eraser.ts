/**
 * Opens the eraser of the embedded database. For a PostgreSQL of the operator it returns an eraser that does nothing.
 */
import type pg from 'pg'
import { failureLine } from '../../src-engine/failure-line.ts'
import { eraseDestroyed, eraseStatistics } from './erase-destroyed.ts'
import { secretEraser, type SecretEraser } from './secret-eraser.ts'

/**
 * Opens the eraser and makes a first pass, because a killed relay or an earlier version may have left deleted secrets
 * in the files.
 * @param embedded whether the database is embedded; docs/threat-model.md says what remains in other databases, and how
 * long
 */
export async function openEraser(
  pool: pg.Pool,
  embedded: boolean,
  log: ((line: string) => void) | undefined,
): Promise<SecretEraser> {
  if (!embedded) return { request() {}, now: () => Promise.resolve(), close: () => Promise.resolve() }
  const logFailure = (error: unknown): void => log?.(failureLine('erase destroyed secrets', error))
  const eraser = secretEraser(() => eraseDestroyed(pool), logFailure)
  try {
    await eraseStatistics(pool)
    await eraser.now()
  } catch (error) {
    logFailure(error)
    eraser.request()
  }
  return eraser
}
