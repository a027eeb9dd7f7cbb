import type { Migration } from '../../database.ts'

/**
 * No password can be guessed from a stolen ledger: verifiers of the whole department lay here. Those of people who
 * sign in at this workstation are with its secrets, once they have.
 */
export const noVerifiersMigration: Migration = {
  name: 'no-verifiers',
  rewrite: true,
  sql: `ALTER TABLE staff DROP COLUMN passwordHash;`,
}
