/** The tree hash of an upload, computed while it arrives, so that its bytes are not read again to be confirmed. */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Uploads of unconfirmed shares start again, because earlier versions stored their bytes in another layout.
  await sql`
    ALTER TABLE upload ADD COLUMN tree_sha256 text, ADD COLUMN subtrees bytea NOT NULL DEFAULT '';
    UPDATE upload SET received = 0 WHERE NOT EXISTS (
      SELECT FROM package WHERE package.package_id = upload.package_id
        AND package.workstation_id = upload.workstation_id AND package.emptied_at IS NULL
    );
  `.execute(db)
}
