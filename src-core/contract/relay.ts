/**
 * The API of the relay for workstations, at /api. All procedures except enroll need the bearer token of the enrolment.
 * Uploads use tus 1.0.0 at /uploads; the feed is at /feed.
 */
import { z } from 'zod'
import { byWorkstation } from '../permissions/called-by.ts'
import { Code, cutText, listOfKnown, MAX_LIST_LENGTH, MAX_RECIPIENTS, text } from './bounded.ts'
import { Day, Id, Instant, Language } from './identifiers.ts'
import { ListedEntry, RecipientId } from './recipients.ts'
import { StaffView } from './shares.ts'
import { Right, SharePolicy } from './terms.ts'
import { LaterTerms } from './terms/share-terms.ts'
import { Protocol } from './protocol.ts'

// Requests are strict: a term that the relay does not know is refused by its name, and never ignored. Answers are
// tolerant: fields that a newer relay adds are ignored, so that they do not take a workstation offline.

/** Bytes in base64url without padding. */
export const Bytes = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]*$/)
export const Sha256 = z
  .string()
  .length(64)
  .regex(/^[0-9a-f]*$/)
/** The public key of a recipient in the age format. */
const AgeRecipient = text(200)
/** The staff member who acts. It is their id; workstations of version 1 send the name. The relay accepts both. */
const StaffReference = z.string().min(1).max(200)

/**
 * A staff member as sent to a workstation. The relay keeps the password hashes. The field is empty, and is present only
 * because workstations of protocol 1 leave out staff without it. A value of an earlier relay is ignored.
 */
export const StaffRecord = StaffView.extend({
  passwordHash: text(500)
    .overwrite(() => '')
    .optional(),
  language: Language.nullable().catch(null),
})
export type StaffRecord = z.infer<typeof StaffRecord>

/** For a choice that this program does not know, the strictest one that it knows is taken. */
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
  rights: listOfKnown(Right, 10),
  anonymize: choices.anonymize.catch('required'),
  furtherSharing: choices.furtherSharing.catch('forbidden'),
  defaultLanguage: choices.defaultLanguage.catch('en'),
})

/**
 * The data that change while a workstation is enrolled, and the protocol of the relay; an absent protocol means version
 * 1.
 */
export const OrganisationState = z.object({
  policy: AnsweredPolicy,
  staff: listOfKnown(StaffRecord, 10_000),
  protocol: Protocol.optional(),
})
export type OrganisationState = z.infer<typeof OrganisationState>

export const Enrolment = z.object({
  token: Bytes,
  organisation: z.object({ organisationId: Id, name: cutText(200) }),
  department: z.object({ departmentId: Id, name: cutText(200) }),
  workstation: z.object({ workstationId: Id, name: cutText(200) }),
  /** age X25519 recipients of the relay (for account slots) and of the organisation (for owner slots). */
  relayRecipient: AgeRecipient,
  organisationRecipient: AgeRecipient,
  ...OrganisationState.shape,
  demonstration: z.boolean(),
})
export type Enrolment = z.infer<typeof Enrolment>

/** One part of a package as it is uploaded: an age v1 file. */
export const SealedPart = z.object({
  /** manifest, images, report or message, as named in src-core/package. */
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
  /** Only relays of version 1 use these; others take them from their directory. */
  name: cutText(200).optional(),
  email: cutText(300).optional(),
  mobile: cutText(40).optional(),
  language: Language.optional(),
})
export type GrantRequest = z.infer<typeof GrantRequest>

/** The share and its package. It is sent after every part was uploaded, and repeated until the relay answers (S3). */
export const ConfirmRequest = z.strictObject({
  shareId: Id,
  packageId: Id,
  /** Every part, including the manifest. The relay compares size and hash with the stored parts (S4). */
  parts: z.array(z.strictObject(SealedPart.shape)).min(1).max(100),
  /**
   * The hash of the plaintext manifest, and the workstation's Ed25519 signature over "outpost manifest v1\n" followed
   * by that hash in hex.
   */
  manifestSha256: Sha256,
  signature: Bytes,
  /**
   * The package identity, encrypted with age to the workstation and the organisation (owner slot), and to the relay
   * (from which the relay makes the account slot).
   */
  ownerSlot: Bytes,
  accountSlot: Bytes,
  grants: z.array(GrantRequest).min(1).max(MAX_RECIPIENTS),
  validity: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('period'),
      unit: z.enum(['day', 'month']),
      count: z.number().int().min(1).max(1200),
    }),
    z.strictObject({ kind: z.literal('until'), day: Day }),
    z.strictObject({ kind: z.literal('unlimited') }),
  ]),
  /** Only relays of version 1 use the name. */
  sender: z.strictObject({ staffId: StaffReference, name: cutText(200).optional() }),
  urgent: z.boolean(),
  anonymized: z.boolean(),
  furtherSharing: z.boolean(),
  sendMail: z.boolean(),
  mailLanguage: Language,
  message: text(10_000),
  /** Terms that were added after protocol version 2. Each is sent only to relays that state its capability. */
  terms: LaterTerms.optional(),
  /** What the mail may say about each exam (U9): initials, description, date. */
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
  /** The last instant at which the share opens; null when it is unlimited. */
  expiresAt: Instant.nullable(),
  parts: z.array(SealedPart).max(100),
  grants: z.array(z.object({ recipientId: RecipientId, grantId: Id })).max(MAX_RECIPIENTS),
})
export type Receipt = z.infer<typeof Receipt>

/** An event of the feed (S9). Events are ordered by their cursor. */
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

/**
 * The number of entries of an audit log. The limit is more than any workstation writes, and small enough for exact
 * arithmetic.
 */
const EntryCount = z.number().int().min(0).max(1_000_000_000_000)

/**
 * The head of a workstation's audit log after a number of entries, and when the relay received it.
 * @see RFC 9162 2.1.1
 */
export const AuditHead = z.object({ entries: EntryCount, head: Sha256, at: Instant })
export type AuditHead = z.infer<typeof AuditHead>

/** What the relay keeps about the log of the calling workstation. */
export const WitnessState = z.object({
  /** The last head that continued the one before it; null when none was received yet. */
  witnessed: AuditHead.nullable(),
  /** The last head that did not continue the one before it, until an administrator of the relay accepts it. */
  alarm: AuditHead.nullable(),
  /**
   * The number of entries that the relay knew before an administrator accepted `witnessed` as a restored backup; else
   * null.
   */
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
  /** The current policy and staff. Each side states the protocol that it uses. */
  organisation: byWorkstation('workstation')
    .input(z.object({ protocol: Protocol.optional() }).optional())
    .output(OrganisationState),
  /**
   * Checks the password of a staff member of the department. It fails with wrong-credentials, and with
   * too-many-requests after too many wrong passwords.
   */
  signIn: byWorkstation('workstation')
    .input(z.strictObject({ staffId: StaffReference, password: text(500) }))
    .output(z.object({ ok: z.literal(true) })),
  /** The changes of the directory after a revision, with the ids of removed entries. */
  directory: byWorkstation('workstation')
    .input(z.strictObject({ after: z.number().int().min(0), limit: z.number().int().min(1).max(5000) }))
    .output(
      z.object({
        revision: z.number().int(),
        entries: listOfKnown(ListedEntry, MAX_LIST_LENGTH),
        removed: z.array(RecipientId).max(MAX_LIST_LENGTH),
        more: z.boolean(),
      }),
    ),
  auditHeads: byWorkstation('workstation').output(WitnessState),
  /**
   * Keeps a head. The outcome is `outdated` when `from` is not the last head that the relay keeps; nothing is then
   * kept, and the caller makes a new proof from `state`. An `inconsistent` head is kept as an alarm.
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
