/**
 * Who withdrew and unblocked, which protocol a workstation speaks, and masks for private contacts: the entries that have
 * one get a new revision, so that every workstation replaces what it holds at its next contact.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE share ADD COLUMN withdrawn_by text REFERENCES staff;
    ALTER TABLE share_grant ADD COLUMN unblocked_by text REFERENCES staff;
    ALTER TABLE workstation ADD COLUMN protocol text;
    UPDATE organisation SET directory_revision = directory_revision + 1;
    UPDATE directory_entry SET revision = directory_revision FROM organisation
      WHERE organisation.organisation_id = directory_entry.organisation_id AND NOT removed
        AND ((entry->>'email' <> '' AND NOT coalesce((entry->>'emailPublic')::boolean, false))
          OR (entry->>'mobile' <> '' AND NOT coalesce((entry->>'mobilePublic')::boolean, false)));
  `.execute(db)
}
