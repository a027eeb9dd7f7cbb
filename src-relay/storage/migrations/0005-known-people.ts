/**
 * Records who withdrew a share or unblocked a recipient, and the protocol that a workstation speaks. Private contacts
 * are now hidden from workstations: entries with one get a new revision, so that workstations load them again.
 */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    ALTER TABLE share ADD COLUMN withdrawn_by text REFERENCES staff;
    ALTER TABLE share_grant ADD COLUMN unblocked_by text REFERENCES staff;
    ALTER TABLE workstation ADD COLUMN protocol text;
    UPDATE directory_entry SET revision = directory_revision + 1 FROM organisation
      WHERE organisation.organisation_id = directory_entry.organisation_id AND NOT removed
        AND ((entry->>'email' <> '' AND NOT coalesce((entry->>'emailPublic')::boolean, false))
          OR (entry->>'mobile' <> '' AND NOT coalesce((entry->>'mobilePublic')::boolean, false)));
    UPDATE organisation SET directory_revision = greatest(directory_revision,
      (SELECT max(revision) FROM directory_entry WHERE directory_entry.organisation_id = organisation.organisation_id));
  `.execute(db)
}
