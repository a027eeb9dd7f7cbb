import type { Migration } from '../../database.ts'

/** Shares, consent, grants, the outbox, packages, and commands that wait for the relay. */
export const sharesMigration: Migration = {
  name: 'shares',
  sql: `
    CREATE TABLE share (
      shareId TEXT PRIMARY KEY,
      createdAt TEXT NOT NULL,
      staffId TEXT NOT NULL, staffName TEXT NOT NULL,
      organisationId TEXT NOT NULL, departmentId TEXT NOT NULL, workstationId TEXT NOT NULL,
      terms TEXT NOT NULL CHECK (json_valid(terms)),
      mailLanguage TEXT NOT NULL CHECK (mailLanguage IN ('en', 'nl', 'fr', 'de')),
      PatientName TEXT NOT NULL, PatientID TEXT NOT NULL,
      instances INTEGER NOT NULL CHECK (instances > 0),
      bytes INTEGER NOT NULL,
      packageId TEXT,
      deliveredAt TEXT, expiresAt TEXT, withdrawnAt TEXT
    ) STRICT;
    CREATE INDEX share_by_time ON share (createdAt DESC);

    -- Exactly what was selected at the click; apart from share, since lists never need it.
    CREATE TABLE share_selection (shareId TEXT PRIMARY KEY REFERENCES share,
      instances TEXT NOT NULL CHECK (json_valid(instances))) STRICT;

    CREATE TABLE share_study (
      shareId TEXT NOT NULL REFERENCES share, StudyInstanceUID TEXT NOT NULL,
      StudyDescription TEXT NOT NULL, StudyDate TEXT NOT NULL, instances INTEGER NOT NULL,
      PRIMARY KEY (shareId, StudyInstanceUID)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX share_study_by_study ON share_study (StudyInstanceUID);

    CREATE TABLE consent (
      shareId TEXT PRIMARY KEY REFERENCES share,
      patientAgreed INTEGER NOT NULL CHECK (patientAgreed = 1),
      reason TEXT NOT NULL CHECK (trim(reason) <> ''),
      at TEXT NOT NULL, staffId TEXT NOT NULL
    ) STRICT;

    CREATE TABLE share_grant (
      shareId TEXT NOT NULL REFERENCES share, recipientId TEXT NOT NULL,
      ordinal INTEGER NOT NULL,
      entry TEXT NOT NULL CHECK (json_valid(entry)),
      star INTEGER NOT NULL CHECK (star IN (0, 1)),
      grantId TEXT,
      notifiedAt TEXT, undeliverableAt TEXT, undeliverableReason TEXT, openedAt TEXT, blockedAt TEXT, expiredAt TEXT,
      withdrawnAt TEXT,
      PRIMARY KEY (shareId, recipientId)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE outbox (
      shareId TEXT PRIMARY KEY REFERENCES share,
      state TEXT NOT NULL CHECK (state IN ('held', 'queued', 'preparing', 'prepared', 'uploading', 'confirming',
        'delivered', 'waiting', 'paused', 'failed', 'cancelled')),
      step TEXT NOT NULL CHECK (step IN ('prepare', 'upload', 'confirm')),
      reason TEXT CHECK ((reason IS NOT NULL) = (state IN ('waiting', 'failed'))),
      waitingUntil TEXT, undoUntil TEXT,
      attempts INTEGER NOT NULL DEFAULT 0,
      since TEXT NOT NULL,
      urgent INTEGER NOT NULL CHECK (urgent IN (0, 1)),
      -- Order of arrival; ownOrder is what a person chose and comes before it.
      position INTEGER NOT NULL UNIQUE,
      ownOrder INTEGER
    ) STRICT;
    CREATE INDEX outbox_open ON outbox (state) WHERE state NOT IN ('delivered', 'cancelled');

    CREATE TABLE package (
      packageId TEXT PRIMARY KEY, shareId TEXT NOT NULL REFERENCES share, createdAt TEXT NOT NULL,
      manifestSha256 TEXT NOT NULL, signature TEXT NOT NULL, ownerSlot TEXT NOT NULL, accountSlot TEXT NOT NULL,
      parts TEXT NOT NULL CHECK (json_valid(parts)), bytes INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE receipt (shareId TEXT PRIMARY KEY REFERENCES share, receipt TEXT NOT NULL CHECK (json_valid(receipt)),
      at TEXT NOT NULL) STRICT;

    CREATE TABLE relay_command (
      commandId INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL CHECK (kind IN ('withdraw', 'unblock')),
      shareId TEXT NOT NULL REFERENCES share, recipientId TEXT, by TEXT NOT NULL,
      createdAt TEXT NOT NULL, doneAt TEXT
    ) STRICT;
    CREATE INDEX relay_command_open ON relay_command (commandId) WHERE doneAt IS NULL;

    CREATE TABLE feed_position (only INTEGER PRIMARY KEY CHECK (only = 1), cursor INTEGER NOT NULL) STRICT;
    INSERT INTO feed_position VALUES (1, 0);

    CREATE TABLE study_mark (StudyInstanceUID TEXT PRIMARY KEY,
      mark TEXT NOT NULL CHECK (mark IN ('held', 'waiting', 'delivered', 'opened', 'failed'))) STRICT, WITHOUT ROWID;
  `,
}
