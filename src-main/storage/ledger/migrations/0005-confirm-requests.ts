import type { Migration } from '../../database.ts'

/**
 * What confirm said of a package, until it is answered: a retry repeats it, also by a newer version of the program.
 * Contacts that are not public are no longer kept with the recipients of a share, but for shares that are being
 * confirmed: their retry has to say what the first try said.
 */
export const confirmRequestsMigration: Migration = {
  name: 'confirm-requests',
  rewrite: true,
  sql: `
    CREATE TABLE confirm_request (packageId TEXT PRIMARY KEY REFERENCES package, request TEXT NOT NULL CHECK (json_valid(request))) STRICT;

    UPDATE share_grant SET entry = json_set(entry, '$.email', substr(entry ->> '$.email', 1, 1) || '•••' || substr(entry ->> '$.email', instr(entry ->> '$.email', '@')))
      WHERE entry ->> '$.email' <> '' AND NOT coalesce(entry ->> '$.emailPublic', 0)
        AND shareId NOT IN (SELECT shareId FROM outbox WHERE step = 'confirm' AND state NOT IN ('delivered', 'cancelled'));
    UPDATE share_grant SET entry = json_set(entry, '$.mobile', substr(entry ->> '$.mobile', 1, 3) || ' ••• •• ' || substr(entry ->> '$.mobile', -2))
      WHERE entry ->> '$.mobile' <> '' AND NOT coalesce(entry ->> '$.mobilePublic', 0)
        AND shareId NOT IN (SELECT shareId FROM outbox WHERE step = 'confirm' AND state NOT IN ('delivered', 'cancelled'));
  `,
}
