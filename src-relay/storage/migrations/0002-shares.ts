/** Uploads, packages, shares with their secrets, grants, gates, notices and the feed. */
import { sql, type Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE upload (
      upload_id uuid PRIMARY KEY, workstation_id uuid NOT NULL REFERENCES workstation,
      package_id uuid NOT NULL, part text NOT NULL,
      length bigint NOT NULL CHECK (length > 0), sha256 text NOT NULL,
      received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND length),
      created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, UNIQUE (workstation_id, package_id, part)
    );
    CREATE TABLE package (
      package_id uuid PRIMARY KEY, department_id uuid NOT NULL REFERENCES department,
      workstation_id uuid NOT NULL REFERENCES workstation,
      manifest_sha256 text NOT NULL, signature text NOT NULL, owner_slot bytea NOT NULL, parts jsonb NOT NULL,
      created_at timestamptz NOT NULL
    );
    CREATE TABLE share (
      share_id uuid PRIMARY KEY, package_id uuid NOT NULL REFERENCES package,
      department_id uuid NOT NULL REFERENCES department, workstation_id uuid NOT NULL REFERENCES workstation,
      request_sha256 bytea NOT NULL, answer text NOT NULL, sealed_details bytea NOT NULL, account_slot bytea NOT NULL,
      urgent boolean NOT NULL, anonymized boolean NOT NULL, further_sharing boolean NOT NULL,
      delivered_at timestamptz NOT NULL, expires_at timestamptz, ended_at timestamptz,
      ended_by text CHECK (ended_by IN ('withdrawn', 'expired')),
      CHECK ((ended_at IS NULL) = (ended_by IS NULL))
    );
    CREATE INDEX share_by_end ON share (expires_at) WHERE ended_at IS NULL;
    CREATE TABLE server_secret (share_id uuid PRIMARY KEY REFERENCES share, secret bytea NOT NULL);
    CREATE TABLE share_grant (
      grant_id uuid PRIMARY KEY, share_id uuid NOT NULL REFERENCES share, recipient_id text NOT NULL,
      language text NOT NULL CHECK (language IN ('en', 'nl', 'fr', 'de')),
      recipient_right text NOT NULL CHECK (recipient_right IN ('images-read-report', 'images-write-report')),
      two_factor boolean NOT NULL,
      sealed_contact bytea NOT NULL, token_sha256 bytea NOT NULL UNIQUE, wrong_codes integer NOT NULL DEFAULT 0,
      blocked_at timestamptz, notified_at timestamptz, opened_at timestamptz, UNIQUE (share_id, recipient_id)
    );
    CREATE TABLE one_time_password (
      grant_id uuid PRIMARY KEY REFERENCES share_grant, salt bytea NOT NULL, code_hash bytea NOT NULL,
      sent_at timestamptz NOT NULL, expires_at timestamptz NOT NULL
    );
    CREATE TABLE portal_session (
      session_sha256 bytea PRIMARY KEY, grant_id uuid NOT NULL REFERENCES share_grant,
      created_at timestamptz NOT NULL
    );
    CREATE INDEX portal_session_by_grant ON portal_session (grant_id);
    CREATE TABLE notice (
      notice_id uuid PRIMARY KEY, grant_id uuid NOT NULL REFERENCES share_grant,
      kind text NOT NULL CHECK (kind IN ('mail', 'text')), sealed_body bytea, message_id text NOT NULL UNIQUE,
      state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'undeliverable', 'cancelled')),
      created_at timestamptz NOT NULL, settled_at timestamptz
    );
    CREATE INDEX notice_by_grant ON notice (grant_id);
    CREATE TABLE feed_event (
      cursor bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, type text NOT NULL,
      department_id uuid NOT NULL REFERENCES department,
      workstation_id uuid REFERENCES workstation, share_id uuid REFERENCES share, recipient_id text, reason text
    );
    CREATE INDEX feed_event_by_department ON feed_event (department_id, cursor);
    CREATE TABLE embedded_message (
      message_id text PRIMARY KEY, at timestamptz NOT NULL,
      channel text NOT NULL CHECK (channel IN ('mail', 'text')), recipient text NOT NULL,
      subject text NOT NULL, body text NOT NULL
    );
  `.execute(db)
}
