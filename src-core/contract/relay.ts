/**
 * The relay's API towards workstations. Mounted at /api; bearer token of the enrolment, but for enroll. Uploads are tus
 * 1.0.0 at /uploads, the feed is /feed.
 */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { Day, DirectoryEntry, Id, Instant, Language, Right, SharePolicy, StaffView } from './models.ts'

/** base64url without padding. */
export const Bytes = z.string().regex(/^[A-Za-z0-9_-]*$/)
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** A staff member as synced to a workstation: the Argon2id hash lets them sign in offline. */
export const StaffRecord = StaffView.extend({ passwordHash: z.string(), language: Language.nullable() })
export type StaffRecord = z.infer<typeof StaffRecord>

export const Enrolment = z.object({
  token: Bytes,
  organisation: z.object({ organisationId: Id, name: z.string() }),
  department: z.object({ departmentId: Id, name: z.string() }),
  workstation: z.object({ workstationId: Id, name: z.string() }),
  /** age X25519 recipients: the relay's (account slots) and the organisation's (owner slots). */
  relayRecipient: z.string(),
  organisationRecipient: z.string(),
  policy: SharePolicy,
  staff: z.array(StaffRecord),
  demonstration: z.boolean(),
})
export type Enrolment = z.infer<typeof Enrolment>

/** One part of a package as uploaded: an age v1 file. */
export const SealedPart = z.object({
  /** manifest, images, report, message: the names of src-core/package. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  size: z.number().int().positive(),
  sha256: Sha256,
})
export type SealedPart = z.infer<typeof SealedPart>

export const GrantRequest = z.object({
  recipientId: z.string(),
  name: z.string(),
  email: z.string(),
  mobile: z.string(),
  language: Language,
  twoFactor: z.boolean(),
  right: Right,
})
export type GrantRequest = z.infer<typeof GrantRequest>

/** Share and package, sent once every part is up; repeated until answered (S3). */
export const ConfirmRequest = z.object({
  shareId: Id,
  packageId: Id,
  /** Every part, the manifest among them. The relay compares size and hash with what it holds (S4). */
  parts: z.array(SealedPart).min(1),
  /**
   * Hash of the plaintext manifest and the workstation's Ed25519 signature over "outpost manifest v1\n" + that hash in
   * hex.
   */
  manifestSha256: Sha256,
  signature: Bytes,
  /**
   * The package identity, age-encrypted to the workstation and organisation (owner slot), and to the relay (from which
   * it makes the account slot).
   */
  ownerSlot: Bytes,
  accountSlot: Bytes,
  grants: z.array(GrantRequest).min(1),
  validity: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('period'), unit: z.enum(['day', 'month']), count: z.number().int() }),
    z.object({ kind: z.literal('until'), day: Day }),
    z.object({ kind: z.literal('unlimited') }),
  ]),
  sender: z.object({ staffId: z.string(), name: z.string() }),
  urgent: z.boolean(),
  anonymized: z.boolean(),
  furtherSharing: z.boolean(),
  sendMail: z.boolean(),
  mailLanguage: Language,
  message: z.string(),
  /** What the mail may say of each exam (U9): initials, description, date. */
  exams: z.array(
    z.object({ initials: z.string(), description: z.string(), date: z.string(), instances: z.number().int() }),
  ),
})
export type ConfirmRequest = z.infer<typeof ConfirmRequest>

export const Receipt = z.object({
  shareId: Id,
  packageId: Id,
  deliveredAt: Instant,
  /** null: unlimited. */
  expiresAt: Instant.nullable(),
  parts: z.array(SealedPart),
  grants: z.array(z.object({ recipientId: z.string(), grantId: Id })),
})
export type Receipt = z.infer<typeof Receipt>

/** What comes back by itself (S9), in the order of its cursor. */
export const FeedEvent = z.object({
  cursor: z.number().int(),
  at: Instant,
  type: z.enum([
    'notified',
    'undeliverable',
    'opened',
    'blocked',
    'unblocked',
    'expired',
    'withdrawn',
    'policy',
    'directory',
    'staff',
  ]),
  shareId: Id.nullable(),
  recipientId: z.string().nullable(),
  reason: z.string().nullable(),
})
export type FeedEvent = z.infer<typeof FeedEvent>

export const relayContract = {
  enroll: oc
    .input(z.object({ code: z.string(), workstationName: z.string(), signingKey: Bytes, recipient: z.string() }))
    .output(Enrolment),
  /** Policy and staff as they stand. */
  organisation: oc.output(z.object({ policy: SharePolicy, staff: z.array(StaffRecord) })),
  /** Directory changes after a revision; removed ids are listed. */
  directory: oc.input(z.object({ after: z.number().int().min(0), limit: z.number().int().min(1).max(5000) })).output(
    z.object({
      revision: z.number().int(),
      entries: z.array(DirectoryEntry),
      removed: z.array(z.string()),
      more: z.boolean(),
    }),
  ),
  confirm: oc.input(ConfirmRequest).output(Receipt),
  withdraw: oc.input(z.object({ shareId: Id, by: z.string() })).output(z.object({ withdrawnAt: Instant })),
  unblock: oc
    .input(z.object({ shareId: Id, recipientId: z.string(), by: z.string() }))
    .output(z.object({ ok: z.literal(true) })),
}
