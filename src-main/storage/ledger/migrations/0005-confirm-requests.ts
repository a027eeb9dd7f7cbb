import type { Migration } from '../../database.ts'

/**
 * The confirm request of a package until it is answered: a retry repeats it, also after an update of the program.
 * Contacts that are not public are no longer stored with the recipients of a share, except for shares that are being
 * confirmed: their retry must send the same bytes as the first try.
 */
export const confirmRequestsMigration: Migration = {
  name: 'confirm-requests',
  rewrite: true,
  sql: `
    CREATE TABLE confirm_request (packageId TEXT PRIMARY KEY REFERENCES package,
      request TEXT NOT NULL CHECK (json_valid(request))) STRICT;

    UPDATE share_grant SET entry = json_set(entry, '$.email',
      substr(entry ->> '$.email', 1, 1) || '•••' || substr(entry ->> '$.email', instr(entry ->> '$.email', '@')))
      WHERE entry ->> '$.email' <> '' AND NOT coalesce(entry ->> '$.emailPublic', 0)
        AND shareId NOT IN (SELECT shareId FROM outbox
          WHERE step = 'confirm' AND state NOT IN ('delivered', 'cancelled'));
    UPDATE share_grant SET entry = json_set(entry, '$.mobile',
      substr(entry ->> '$.mobile', 1, 3) || ' ••• •• ' || substr(entry ->> '$.mobile', -2))
      WHERE entry ->> '$.mobile' <> '' AND NOT coalesce(entry ->> '$.mobilePublic', 0)
        AND shareId NOT IN (SELECT shareId FROM outbox
          WHERE step = 'confirm' AND state NOT IN ('delivered', 'cancelled'));
  `,
}
