/** The eraser of a relay: over its embedded database, or none over a PostgreSQL of the operator's own. */
import type pg from 'pg'
import { failureLine } from '../../src-engine/failure-line.ts'
import { eraseDestroyed, eraseStatistics } from './erase-destroyed.ts'
import { secretEraser, type SecretEraser } from './secret-eraser.ts'

/**
 * A relay that was killed may have left destroyed secrets behind, and so may an earlier version: a pass is made before
 * anything else.
 * @param embedded otherwise nothing is done: docs/threat-model.md tells the operator what stays, and for how long
 */
export async function openEraser(
  pool: pg.Pool,
  embedded: boolean,
  log: ((line: string) => void) | undefined,
): Promise<SecretEraser> {
  if (!embedded) return { request() {}, now: () => Promise.resolve(), close: () => Promise.resolve() }
  const failed = (error: unknown): void => log?.(failureLine('erase destroyed secrets', error))
  const eraser = secretEraser(() => eraseDestroyed(pool), failed)
  try {
    await eraseStatistics(pool)
    await eraser.now()
  } catch (error) {
    failed(error)
    eraser.request()
  }
  return eraser
}
