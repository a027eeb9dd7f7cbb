/** The relay's tables as types. Instants are Date, 64-bit numbers are number (a pool of openDatabase reads them so). */
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Language } from '../../src-core/contract/identifiers.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import type { SharePolicy } from '../../src-core/contract/terms.ts'
import type { Role } from '../../src-core/permissions/roles.ts'
import type { RelayTerms } from '../../src-core/contract/terms/share-terms.ts'
import type { SealedPart } from '../../src-core/contract/relay.ts'

type Moment = ColumnType<Date, Date | string, Date | string>

export interface Schema {
  organisation: {
    organisation_id: string
    name: string
    /** age recipient of the organisation's owner slots. */
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
    /** What the code is for; null for one of the seed file. */
    slot: ColumnType<string | null, string | null | undefined, never>
    created_at: Moment
    used_at: Moment | null
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
    enrolled_at: Moment
    /** JSON of Protocol, as the workstation stated it at its last contact; null: version 1, which states none. */
    protocol: string | null
    revoked_at: Moment | null
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
    /** Bytes that are on disk for good. */
    received: Generated<number>
    /** Of the parts of the object that are stored: the heads of the complete subtrees, 32 bytes each. */
    subtrees: Generated<Buffer>
    created_at: Moment
    updated_at: Moment
  }
  package: {
    package_id: string
    department_id: string
    workstation_id: string
    manifest_sha256: string
    signature: string
    /** Empty once the objects were removed after the last share's end. */
    parts: JSONColumnType<StoredPart[]>
    created_at: Moment
    /** When its last live share ended; null while one lives. */
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
    /** The receipt as it was answered, repeated for ever after. */
    answer: string
    /** ShareDetails, sealed under the share's server secret. */
    sealed_details: Buffer
    /** Neither secret ones, which are in sealed_details, nor those that each recipient's grant holds. */
    terms: JSONColumnType<RelayTerms>
    delivered_at: Moment
    expires_at: Moment | null
    ended_at: Moment | null
    ended_by: 'withdrawn' | 'expired' | null
    /** The staff member who withdrew it. */
    withdrawn_by: ColumnType<string | null, string | null | undefined, string | null>
  }
  /** Deleting a row ends its share for good. */
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
    /** One-time passwords sent since, within the hour. */
    codes_sent: Generated<number>
    codes_since: ColumnType<Date | null, Date | null | undefined, Date | null>
    blocked_at: Moment | null
    /** The staff member who unblocked it last. */
    unblocked_by: ColumnType<string | null, string | null | undefined, string | null>
    notified_at: Moment | null
    opened_at: Moment | null
  }
  one_time_password: { grant_id: string; salt: Buffer; code_hash: Buffer; sent_at: Moment; expires_at: Moment }
  portal_session: { session_sha256: Buffer; grant_id: string; created_at: Moment; last_used_at: Moment }
  notice: {
    notice_id: string
    grant_id: string
    /** A kind and a channel of notices/registry.ts. */
    kind: string
    channel: string
    /** What it says, sealed under the share's server secret; emptied once it has been taken or given up. */
    sealed_body: Buffer | null
    message_id: string
    state: Generated<'queued' | 'sent' | 'undeliverable' | 'cancelled'>
    created_at: Moment
    settled_at: Moment | null
  }
  /** Heads of workstations' audit logs, in the order in which they were told. Rows are only ever added. */
  audit_head: {
    head_id: Generated<number>
    workstation_id: string
    at: Moment
    entries: number
    head: Buffer
    /** restored: an administrator accepted an alarm as a restored backup. */
    kind: 'continued' | 'alarm' | 'restored'
  }
  /** Entries of acts that were committed and are not in the audit log yet, in the order in which they go there. */
  audit_pending: { pending_id: Generated<number>; entry: string }
  /** The relay's own audit log. Rows are only ever added. */
  audit_entry: {
    entry_index: number
    entry: string
    leaf_hash: Buffer
    /** Of the row of audit_pending that it was; null: an earlier version put it here at once. */
    pending_id: ColumnType<number | null, number | null | undefined, never>
  }
  /** The tree over it, in one row. */
  audit_tree: { single_row: number; entries: number; subtrees: Buffer; head: Buffer }
  feed_event: {
    cursor: Generated<number>
    at: Moment
    type: string
    department_id: string
    /** null: for every workstation of the department. */
    workstation_id: string | null
    share_id: string | null
    recipient_id: string | null
    reason: string | null
  }
  /** Mails and text messages that the embedded outbox page shows instead of sending them. */
  embedded_message: {
    message_id: string
    at: Moment
    channel: string
    recipient: string
    subject: string
    body: string
  }
}

/** A part as the relay holds it: where its sealed bytes are. */
export interface StoredPart extends SealedPart {
  readonly object: string
}
