/** Every migration in order. One that has been applied anywhere is never edited. */
import type { Migration } from 'kysely/migration'
import * as organisations from './0001-organisations.ts'
import * as shares from './0002-shares.ts'
import * as codeLimits from './0003-code-limits.ts'

export const migrations: Record<string, Migration> = {
  '0001-organisations': organisations,
  '0002-shares': shares,
  '0003-code-limits': codeLimits,
}
