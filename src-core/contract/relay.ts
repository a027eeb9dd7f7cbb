/**
 * The relay's API towards workstations. Mounted at /api; bearer token of the enrolment, but for enroll. Uploads are tus
 * 1.0.0 at /uploads, the feed is /feed.
 */
import { z } from 'zod'
import { byWorkstation } from '../permissions/called-by.ts'
import { Code, cutText, knownOf, MANY, MOST_RECIPIENTS, text } from './bounded.ts'
import { Day, Id, Instant, Language } from './identifiers.ts'
import { ListedEntry, RecipientId } from './recipients.ts'
import { StaffView } from './shares.ts'
import { Right, SharePolicy } from './terms.ts'
import { LaterTerms } from './terms/share-terms.ts'
import { Protocol } from './protocol.ts'

// Requests are strict: a term that the relay does not know is refused by its name, and never left out. Answers are
// tolerant: what a newer relay adds is passed over, and never takes a workstation offline.

/** base64url without padding. */
export const Bytes = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]*$/)
export const Sha256 = z
  .string()
  .length(64)
  .regex(/^[0-9a-f]*$/)
/** An age recipient. */
const AgeRecipient = text(200)
/** Who acts: the id of a staff member; workstations of version 1 send the name. The relay looks either up. */
const StaffReference = z.string().min(1).max(200)

/**
 * A staff member as synced to a workstation. What passwords are checked against stays at the relay: the field is empty,
 * is there because workstations of protocol 1 leave out staff without it, and what an earlier relay says in it is
 * passed over.
 */
export const StaffRecord = StaffView.extend({
  passwordHash: text(500)
    .overwrite(() => '')
    .optional(),
  language: Language.nullable().catch(null),
})
export type StaffRecord = z.infer<typeof StaffRecord>

/** Of a choice that this program does not know, the strictest that it knows is taken. */
const { validity, ...choices } = SharePolicy.shape
const AnsweredPolicy = z.object({
  ...choices,
  validity: z.object({
    default: validity.shape.default.catch({ kind: 'period', period: { unit: 'day', count: 1 } }),
    maximum: validity.shape.maximum.catch({ unit: 'day', count: 1 }),
    unlimitedOffered: validity.shape.unlimitedOffered.catch(false),
  }),
  twoFactor: choices.twoFactor.catch('required'),
  sendMail: choices.sendMail.catch('required'),
  rights: knownOf(Right, 10),
  anonymize: choices.anonymize.catch('required'),
  furtherSharing: choices.furtherSharing.catch('forbidden'),
  defaultLanguage: choices.defaultLanguage.catch('en'),
})

/** What changes while a workstation is enrolled, and which protocol the relay speaks; absent: version 1. */
export const OrganisationState = z.object({
  policy: AnsweredPolicy,
  staff: knownOf(StaffRecord, 10_000),
  protocol: Protocol.optional(),
})
export type OrganisationState = z.infer<typeof OrganisationState>

export const Enrolment = z.object({
  token: Bytes,
  organisation: z.object({ organisationId: Id, name: cutText(200) }),
  department: z.object({ departmentId: Id, name: cutText(200) }),
  workstation: z.object({ workstationId: Id, name: cutText(200) }),
  /** age X25519 recipients: the relay's (account slots) and the organisation's (owner slots). */
  relayRecipient: AgeRecipient,
  organisationRecipient: AgeRecipient,
  ...OrganisationState.shape,
  demonstration: z.boolean(),
})
export type Enrolment = z.infer<typeof Enrolment>

/** One part of a package as uploaded: an age v1 file. */
export const SealedPart = z.object({
  /** manifest, images, report, message: the names of src-core/package. */
  name: z
    .string()
    .max(40)
    .regex(/^[a-z0-9-]+$/),
  size: z.number().int().positive(),
  sha256: Sha256,
})
export type SealedPart = z.infer<typeof SealedPart>

export const GrantRequest = z.strictObject({
  recipientId: RecipientId,
  twoFactor: z.boolean(),
  right: Right,
  /** Believed by relays of version 1 only: others take these from their directory. */
  name: cutText(200).optional(),
  email: cutText(300).optional(),
  mobile: cutText(40).optional(),
  language: Language.optional(),
})
export type GrantRequest = z.infer<typeof GrantRequest>

/** Share and package, sent once every part is up; repeated until answered (S3). */
export const ConfirmRequest = z.strictObject({
  shareId: Id,
  packageId: Id,
  /** Every part, the manifest among them. The relay compares size and hash with what it holds (S4). */
  parts: z.array(z.strictObject(SealedPart.shape)).min(1).max(100),
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
  grants: z.array(GrantRequest).min(1).max(MOST_RECIPIENTS),
  validity: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('period'),
      unit: z.enum(['day', 'month']),
      count: z.number().int().min(1).max(1200),
    }),
    z.strictObject({ kind: z.literal('until'), day: Day }),
    z.strictObject({ kind: z.literal('unlimited') }),
  ]),
  /** The name is believed by relays of version 1 only. */
  sender: z.strictObject({ staffId: StaffReference, name: cutText(200).optional() }),
  urgent: z.boolean(),
  anonymized: z.boolean(),
  furtherSharing: z.boolean(),
  sendMail: z.boolean(),
  mailLanguage: Language,
  message: text(10_000),
  /** Terms that were added after protocol version 2, each for relays that state its capability. */
  terms: LaterTerms.optional(),
  /** What the mail may say of each exam (U9): initials, description, date. */
  exams: z
    .array(
      z.strictObject({
        initials: cutText(64),
        description: cutText(1000),
        date: cutText(64),
        instances: z.number().int(),
      }),
    )
    .max(20_000),
})
export type ConfirmRequest = z.infer<typeof ConfirmRequest>

export const Receipt = z.object({
  shareId: Id,
  packageId: Id,
  deliveredAt: Instant,
  /** null: unlimited. */
  expiresAt: Instant.nullable(),
  parts: z.array(SealedPart).max(100),
  grants: z.array(z.object({ recipientId: RecipientId, grantId: Id })).max(MOST_RECIPIENTS),
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
  recipientId: RecipientId.nullable(),
  reason: Code.nullable(),
})
export type FeedEvent = z.infer<typeof FeedEvent>

/** Entries of an audit log: more than any workstation writes, and few enough for exact arithmetic. */
const EntryCount = z.number().int().min(0).max(1_000_000_000_000)

/** The head of a workstation's audit log after so many entries, when the relay was told of it. @see RFC 9162 2.1.1 */
export const AuditHead = z.object({ entries: EntryCount, head: Sha256, at: Instant })
export type AuditHead = z.infer<typeof AuditHead>

/** What the relay keeps of the log of the workstation that asks. */
export const WitnessState = z.object({
  /** The last head that continued the one before it; null: none was told yet. */
  witnessed: AuditHead.nullable(),
  /** The last head that did not continue the one before it, until an administrator of the relay accepts it. */
  alarm: AuditHead.nullable(),
  /** How many entries the relay knew before an administrator accepted `witnessed` as a restored backup; else null. */
  restoredOver: EntryCount.nullable().default(null),
})
export type WitnessState = z.infer<typeof WitnessState>

/** The head of the caller's log, and the proof that it continues the log's first `from` entries (RFC 9162 2.1.4). */
export const HeadStatement = z.strictObject({
  entries: EntryCount,
  head: Sha256,
  from: EntryCount,
  proof: z.array(Sha256).max(100),
})
export type HeadStatement = z.infer<typeof HeadStatement>

export const relayContract = {
  enroll: byWorkstation('anyone')
    .input(
      z.strictObject({
        code: Code,
        workstationName: text(255),
        signingKey: Bytes,
        recipient: AgeRecipient,
        protocol: Protocol.optional(),
      }),
    )
    .output(Enrolment),
  /** Policy and staff as they stand; either side tells which protocol it speaks. */
  organisation: byWorkstation('workstation')
    .input(z.object({ protocol: Protocol.optional() }).optional())
    .output(OrganisationState),
  /**
   * Whether this is the password of a staff member of the department: refused with wrong-credentials, and with
   * too-many-requests after too many wrong ones.
   */
  signIn: byWorkstation('workstation')
    .input(z.strictObject({ staffId: StaffReference, password: text(500) }))
    .output(z.object({ ok: z.literal(true) })),
  /** Directory changes after a revision; removed ids are listed. */
  directory: byWorkstation('workstation')
    .input(z.strictObject({ after: z.number().int().min(0), limit: z.number().int().min(1).max(5000) }))
    .output(
      z.object({
        revision: z.number().int(),
        entries: knownOf(ListedEntry, MANY),
        removed: z.array(RecipientId).max(MANY),
        more: z.boolean(),
      }),
    ),
  auditHeads: byWorkstation('workstation').output(WitnessState),
  /**
   * Keeps a head. It is `outdated` when `from` is not the last head that the relay keeps: then nothing is kept, and the
   * caller proves again from `state`. An `inconsistent` head is kept as an alarm.
   */
  witnessHead: byWorkstation('workstation')
    .input(HeadStatement)
    .output(z.object({ outcome: z.enum(['kept', 'outdated', 'inconsistent']), state: WitnessState })),
  confirm: byWorkstation({ workstationWithStaff: 'share' }).input(ConfirmRequest).output(Receipt),
  withdraw: byWorkstation({ workstationWithStaff: 'withdraw-own' })
    .input(z.strictObject({ shareId: Id, by: StaffReference }))
    .output(z.object({ withdrawnAt: Instant })),
  unblock: byWorkstation({ workstationWithStaff: 'unblock' })
    .input(z.strictObject({ shareId: Id, recipientId: RecipientId, by: StaffReference }))
    .output(z.object({ ok: z.literal(true) })),
}
