/** Organisations, departments, their staff, workstations and directory. */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE organisation (
      organisation_id uuid PRIMARY KEY, name text NOT NULL, recipient text NOT NULL,
      directory_revision bigint NOT NULL DEFAULT 0
    );
    CREATE TABLE department (
      department_id uuid PRIMARY KEY, organisation_id uuid NOT NULL REFERENCES organisation,
      name text NOT NULL, policy jsonb NOT NULL
    );
    CREATE TABLE staff (
      staff_id text PRIMARY KEY, department_id uuid NOT NULL REFERENCES department, name text NOT NULL,
      role text NOT NULL CHECK (role IN ('front-desk', 'technologist', 'physician', 'administrator')),
      language text CHECK (language IN ('en', 'nl', 'fr', 'de')), password_hash text NOT NULL,
      active boolean NOT NULL DEFAULT true
    );
    CREATE TABLE enrolment_code (
      code_sha256 bytea PRIMARY KEY, department_id uuid NOT NULL REFERENCES department,
      created_at timestamptz NOT NULL, used_at timestamptz, used_by uuid
    );
    CREATE TABLE workstation (
      workstation_id uuid PRIMARY KEY, department_id uuid NOT NULL REFERENCES department, name text NOT NULL,
      token_sha256 bytea NOT NULL UNIQUE,
      signing_key bytea NOT NULL, recipient text NOT NULL, enrolled_at timestamptz NOT NULL, revoked_at timestamptz
    );
    CREATE TABLE directory_entry (
      organisation_id uuid NOT NULL REFERENCES organisation, recipient_id text NOT NULL,
      revision bigint NOT NULL, removed boolean NOT NULL DEFAULT false, entry jsonb NOT NULL,
      PRIMARY KEY (organisation_id, recipient_id)
    );
    CREATE INDEX directory_entry_by_revision ON directory_entry (organisation_id, revision, recipient_id);
  `.execute(db)
}
