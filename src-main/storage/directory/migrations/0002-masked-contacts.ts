import type { Migration } from '../../database.ts'

/** Contacts that are not public stay at the relay. Those that were stored here are replaced by their masked form. */
export const maskedContactsMigration: Migration = {
  name: 'masked-contacts',
  rewrite: true,
  sql: `
    UPDATE entry SET entry = json_set(entry, '$.email',
      substr(entry ->> '$.email', 1, 1) || '•••' || substr(entry ->> '$.email', instr(entry ->> '$.email', '@')))
      WHERE entry ->> '$.email' <> '' AND NOT coalesce(entry ->> '$.emailPublic', 0);
    UPDATE entry SET entry = json_set(entry, '$.mobile',
      substr(entry ->> '$.mobile', 1, 3) || ' ••• •• ' || substr(entry ->> '$.mobile', -2))
      WHERE entry ->> '$.mobile' <> '' AND NOT coalesce(entry ->> '$.mobilePublic', 0);
  `,
}
