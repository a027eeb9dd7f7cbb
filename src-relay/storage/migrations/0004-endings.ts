/**
 * Server secrets and slots move to two tables that hold rows of live shares only, so that the embedded relay can
 * rewrite these tables after an ending (see storage/erase-destroyed.ts). Portal sessions get an end.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE server_secret RENAME TO old_server_secret;
    ALTER INDEX server_secret_pkey RENAME TO old_server_secret_pkey;
    CREATE TABLE server_secret (
      share_id uuid PRIMARY KEY REFERENCES share, secret bytea NOT NULL, account_slot bytea NOT NULL
    );
    INSERT INTO server_secret
      SELECT share_id, secret, account_slot FROM old_server_secret JOIN share USING (share_id) WHERE ended_at IS NULL;
    DROP TABLE old_server_secret;
    CREATE TABLE owner_slot (package_id uuid PRIMARY KEY REFERENCES package, slot bytea NOT NULL);
    INSERT INTO owner_slot
      SELECT package_id, owner_slot FROM package
      WHERE EXISTS (SELECT FROM share WHERE share.package_id = package.package_id AND ended_at IS NULL);
  `.execute(db)
  // ANALYZE would copy samples of these columns into pg_statistic, where they outlive their rows.
  await sql`
    ALTER TABLE server_secret ALTER COLUMN secret SET STATISTICS 0, ALTER COLUMN account_slot SET STATISTICS 0;
    ALTER TABLE owner_slot ALTER COLUMN slot SET STATISTICS 0;
  `.execute(db)
  await sql`
    ALTER TABLE share DROP COLUMN account_slot;
    ALTER TABLE package DROP COLUMN owner_slot, ADD COLUMN emptied_at timestamptz;
    UPDATE package SET emptied_at = (SELECT max(ended_at) FROM share WHERE share.package_id = package.package_id)
      WHERE NOT EXISTS (SELECT FROM owner_slot WHERE owner_slot.package_id = package.package_id);
    CREATE INDEX package_emptied ON package (emptied_at) WHERE emptied_at IS NOT NULL;
    CREATE INDEX share_by_package ON share (package_id);
  `.execute(db)
  // The values of a dropped column stay in the rows until the table is rewritten.
  await sql`CLUSTER package USING package_pkey; CLUSTER share USING share_pkey`.execute(db)
  // Sessions had no end before. They are deleted, and recipients open their links again.
  await sql`
    DELETE FROM portal_session;
    ALTER TABLE portal_session ADD COLUMN last_used_at timestamptz NOT NULL;
  `.execute(db)
}
