/** The types of the relay's tables. Instants are Date, 64-bit numbers are number: openDatabase reads them this way. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Language } from '../../src-core/contract/identifiers.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import type { SharePolicy } from '../../src-core/contract/terms.ts'
import type { Role } from '../../src-core/permissions/roles.ts'
import type { RelayTerms } from '../../src-core/contract/terms/share-terms.ts'
import type { SealedPart } from '../../src-core/contract/relay.ts'

type Instant = ColumnType<Date, Date | string, Date | string>

export interface Schema {
  organisation: {
    organisation_id: string
    name: string
    /** The public half of the organisation key, to which owner slots are sealed (age recipient). */
    recipient: string
    directory_revision: Generated<number>
  }
  department: { department_id: string; organisation_id: string; name: string; policy: JSONColumnType<SharePolicy> }
  staff: {
    staff_id: string
    department_id: string
    name: string
    role: Role
    language: Language | null
    password_hash: string
    active: Generated<boolean>
  }
  enrolment_code: {
    code_sha256: Buffer
    department_id: string
    /** Names what the code is for; null for codes of the seed file. */
    slot: ColumnType<string | null, string | null | undefined, never>
    created_at: Instant
    used_at: Instant | null
    used_by: string | null
  }
  workstation: {
    workstation_id: string
    department_id: string
    name: string
    token_sha256: Buffer
    /** Ed25519 public key. */
    signing_key: Buffer
    recipient: string
    enrolled_at: Instant
    /** Protocol as JSON, as stated at the last contact; null for workstations of version 1, which state none. */
    protocol: string | null
    revoked_at: Instant | null
  }
  directory_entry: {
    organisation_id: string
    recipient_id: string
    revision: number
    removed: Generated<boolean>
    entry: JSONColumnType<DirectoryEntry>
  }
  upload: {
    upload_id: string
    workstation_id: string
    package_id: string
    part: string
    length: number
    sha256: string
    /** The tree hash that the workstation announced; null when an earlier version did not. */
    tree_sha256: string | null
    /** The bytes that are on disk. */
    received: Generated<number>
    /** The tree hash of the stored parts: the heads of its complete subtrees, 32 bytes each. */
    subtrees: Generated<Buffer>
    created_at: Instant
    updated_at: Instant
  }
  package: {
    package_id: string
    department_id: string
    workstation_id: string
    manifest_sha256: string
    signature: string
    /** Empty once the objects were removed after the last share's end. */
    parts: JSONColumnType<StoredPart[]>
    created_at: Instant
    /** The time at which the last live share ended; null while a share lives. */
    emptied_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  }
  /** One row per package with a live share. */
  owner_slot: { package_id: string; slot: Buffer }
  share: {
    share_id: string
    package_id: string
    department_id: string
    workstation_id: string
    request_sha256: Buffer
    /** The receipt as it was answered. A repeated request gets the same answer. */
    answer: string
    /** ShareDetails, sealed under the share's server secret. */
    sealed_details: Buffer
    /** The terms of the share, except secret ones (sealed_details) and terms of one recipient (share_grant). */
    terms: JSONColumnType<RelayTerms>
    delivered_at: Instant
    expires_at: Instant | null
    ended_at: Instant | null
    ended_by: 'withdrawn' | 'expired' | null
    /** The staff member who withdrew it. */
    withdrawn_by: ColumnType<string | null, string | null | undefined, string | null>
  }
  /** Deleting a row ends its share: nothing can open it again. */
  server_secret: { share_id: string; secret: Buffer; account_slot: Buffer }
  share_grant: {
    grant_id: string
    share_id: string
    recipient_id: string
    language: Language
    recipient_right: 'images-read-report' | 'images-write-report'
    two_factor: boolean
    /** GrantContact, sealed under the share's server secret. */
    sealed_contact: Buffer
    token_sha256: Buffer
    wrong_codes: Generated<number>
    /** The number of one-time passwords that were sent in the hour from codes_since on. */
    codes_sent: Generated<number>
    codes_since: ColumnType<Date | null, Date | null | undefined, Date | null>
    blocked_at: Instant | null
    /** The staff member who last unblocked the recipient. */
    unblocked_by: ColumnType<string | null, string | null | undefined, string | null>
    notified_at: Instant | null
    opened_at: Instant | null
  }
  one_time_password: { grant_id: string; salt: Buffer; code_hash: Buffer; sent_at: Instant; expires_at: Instant }
  /** The grants that were opened in one browser. */
  portal_session: { session_sha256: Buffer; grant_id: string; created_at: Instant; last_used_at: Instant }
  notice: {
    notice_id: string
    grant_id: string
    /** kind and channel are names of notices/registry.ts. */
    kind: string
    channel: string
    /** NoticeBody, sealed under the share's server secret; null once the notice is settled. */
    sealed_body: Buffer | null
    message_id: string
    state: Generated<'queued' | 'sent' | 'undeliverable' | 'cancelled'>
    created_at: Instant
    settled_at: Instant | null
  }
  /** Heads of workstations' audit logs, in the order of their arrival. Rows are never changed or deleted. */
  audit_head: {
    head_id: Generated<number>
    workstation_id: string
    at: Instant
    entries: number
    head: Buffer
    /** restored: an administrator accepted an alarm as a restored backup. */
    kind: 'continued' | 'alarm' | 'restored'
  }
  /** Entries of acts that were committed and are not in the audit log yet, in the order in which they go there. */
  audit_pending: { pending_id: Generated<number>; entry: string }
  /** The relay's own audit log. Rows are never changed or deleted. */
  audit_entry: {
    entry_index: number
    entry: string
    leaf_hash: Buffer
    /** The id of its row of audit_pending; null when an earlier version put it here at once. */
    pending_id: ColumnType<number | null, number | null | undefined, never>
  }
  /** The hash tree over the relay's audit log, in one row. */
  audit_tree: { single_row: number; entries: number; subtrees: Buffer; head: Buffer }
  feed_event: {
    cursor: Generated<number>
    at: Instant
    type: string
    department_id: string
    /** null when the event is for every workstation of the department. */
    workstation_id: string | null
    share_id: string | null
    recipient_id: string | null
    reason: string | null
  }
  /** Mails and text messages that the embedded outbox page shows instead of sending them. */
  embedded_message: {
    message_id: string
    at: Instant
    channel: string
    recipient: string
    subject: string
    body: string
  }
}

/** A part of a package with the name of the object that has its sealed bytes. */
export interface StoredPart extends SealedPart {
  readonly object: string
}
