import type { Migration } from '../../database.ts'

/**
 * Removes the password verifiers of the whole department, so that no password can be guessed from a stolen ledger. The
 * verifiers of people who sign in at this workstation are kept with its secrets.
 */
export const noVerifiersMigration: Migration = {
  name: 'no-verifiers',
  rewrite: true,
  sql: `ALTER TABLE staff DROP COLUMN passwordHash;`,
}
