/** Schemas of the outbox, Share status, the audit log and staff. */
import { z } from 'zod'
import { Code, cutText, DicomText, MAX_RECIPIENTS, Name } from './bounded.ts'
import { Day, Id, Instant, Language, Uid } from './identifiers.ts'
import { RecipientId } from './recipients.ts'
import { Role } from '../permissions/roles.ts'
import { ShareTerms } from './terms/share-terms.ts'

export const OutboxState = z.enum([
  'held',
  'queued',
  'preparing',
  'prepared',
  'uploading',
  'confirming',
  'delivered',
  'waiting',
  'paused',
  'failed',
  'cancelled',
])
export type OutboxState = z.infer<typeof OutboxState>

export const OutboxRow = z.object({
  shareId: Id,
  state: OutboxState,
  /** The error code that says why the item waits or failed. */
  reason: Code.nullable(),
  waitingUntil: Instant.nullable(),
  undoUntil: Instant.nullable(),
  since: Instant,
  createdAt: Instant,
  createdBy: cutText(1000),
  urgent: z.boolean(),
  patient: DicomText,
  description: DicomText,
  recipients: z.array(cutText(1000)).max(MAX_RECIPIENTS),
  instances: z.number().int(),
  instancesPrepared: z.number().int(),
  bytesSent: z.number().int(),
  bytesTotal: z.number().int(),
  bytesPerSecond: z.number().min(0).max(1e15).nullable(),
  position: z.number().int(),
})
export type OutboxRow = z.infer<typeof OutboxRow>

/** The state of a recipient in Share status (U26). */
export const GrantState = z.enum([
  'held',
  'queued',
  'waiting',
  'paused',
  'uploading',
  'delivered',
  'notified',
  'undeliverable',
  'opened',
  'blocked',
  'expired',
  'withdrawn',
  'failed',
  'cancelled',
])
export type GrantState = z.infer<typeof GrantState>

/** The end of a share in the words that everyone sees, in the time zone of the sending department; see shareEnd. */
export const ShareEnd = z.object({ day: Day, time: z.string().max(5).nullable() })

export const ShareStatus = z.object({
  shareId: Id,
  createdAt: Instant,
  createdBy: cutText(1000),
  patient: DicomText,
  PatientID: DicomText,
  studies: z
    .array(
      z.object({
        StudyInstanceUID: Uid,
        StudyDescription: DicomText,
        StudyDate: DicomText,
        instances: z.number().int(),
      }),
    )
    .max(20_000),
  terms: ShareTerms,
  mailLanguage: Language,
  deliveredAt: Instant.nullable(),
  expiresAt: Instant.nullable(),
  /** null: not delivered yet, or unlimited. */
  end: ShareEnd.nullable(),
  /** Whether the caller made the share. */
  own: z.boolean(),
  withdrawnAt: Instant.nullable(),
  recipients: z
    .array(
      z.object({
        recipientId: RecipientId,
        name: cutText(1000),
        state: GrantState,
        stateAt: Instant,
        notifiedAt: Instant.nullable(),
        openedAt: Instant.nullable(),
        reason: Code.nullable(),
      }),
    )
    .max(MAX_RECIPIENTS),
})
export type ShareStatus = z.infer<typeof ShareStatus>

/** One event of a share, from the audit log. */
export const ShareMoment = z.object({
  at: Instant,
  action: z.string().max(40),
  /** The person who acted; `program` when Outpost acted by itself, for example when a share expired. */
  actor: z.object({ kind: z.enum(['staff', 'recipient', 'program']), name: z.string().max(200) }),
  /** The recipient whom it concerns; null when it concerns all of them. */
  recipient: z.string().max(200).nullable(),
  reason: z.string().max(200).nullable(),
})
export type ShareMoment = z.infer<typeof ShareMoment>

export const AuditEntryView = z.object({
  index: z.number().int(),
  at: Instant,
  actor: cutText(1000),
  organisation: cutText(1000),
  department: cutText(1000),
  action: cutText(1000),
  subject: cutText(1000),
  detail: z.record(Name, z.unknown()),
  leafHash: cutText(1000),
})
export type AuditEntryView = z.infer<typeof AuditEntryView>

export const StaffView = z.object({
  staffId: cutText(1000),
  name: cutText(1000),
  role: Role,
})
export type StaffView = z.infer<typeof StaffView>
