/**
 * The words of the product as schemas: what crosses between page, workstation and relay. Attribute values keep their
 * PS3.6 keyword.
 */
import { z } from 'zod'
import { Code, cutText, DicomText, MANY, MOST_RECIPIENTS, Name, text } from './bounded.ts'

/** A DICOM unique identifier (PS3.5 section 9), at most 64 characters; kept as found in the file, never repaired. */
export const Uid = z.string().min(1).max(128).brand<'Uid'>()
export type Uid = z.infer<typeof Uid>

export const Language = z.enum(['en', 'nl', 'fr', 'de'])
export type Language = z.infer<typeof Language>

/** An instant, ISO 8601 in UTC. */
export const Instant = z.iso.datetime().max(40)
/** A calendar day, YYYY-MM-DD. */
export const Day = z.iso.date()
/** A version 4 UUID made by whoever creates the thing, so that a retry names the same thing. */
export const Id = z.uuid()

// ---------------------------------------------------------------- studies

/** Where a study stands with the shares made of it on this workstation. */
export const SharedMark = z.enum(['none', 'held', 'waiting', 'delivered', 'opened', 'failed'])

/** A patient as the files say. */
export const Patient = z.object({
  PatientName: DicomText,
  PatientID: DicomText,
  IssuerOfPatientID: DicomText,
  PatientBirthDate: DicomText,
})
export type Patient = z.infer<typeof Patient>

/** Patients that a row names beside its own; a study has more only when something went very wrong. */
export const MOST_OTHER_PATIENTS = 20

export const StudyRow = z.object({
  StudyInstanceUID: Uid,
  /** All component groups as stored, joined by "=" (PS3.5 section 6.2). */
  PatientName: DicomText,
  PatientID: DicomText,
  IssuerOfPatientID: DicomText,
  /** YYYYMMDD as in the file, or empty. */
  PatientBirthDate: DicomText,
  PatientSex: DicomText,
  /** Other patients whose images carry this StudyInstanceUID. Normally empty: more than one patient is an error. */
  otherPatients: z.array(Patient).max(MOST_OTHER_PATIENTS).default([]),
  StudyDate: DicomText,
  StudyTime: DicomText,
  StudyDescription: DicomText,
  AccessionNumber: DicomText,
  ModalitiesInStudy: z.array(DicomText).max(1000),
  series: z.number().int(),
  instances: z.number().int(),
  /** Files of this study were added less than a minute ago: more may come (W16). */
  arriving: z.boolean(),
  shared: SharedMark,
})
export type StudyRow = z.infer<typeof StudyRow>

export const SeriesRow = z.object({
  SeriesInstanceUID: Uid,
  Modality: DicomText,
  SeriesNumber: z.number().int().nullable(),
  SeriesDescription: DicomText,
  BodyPartExamined: DicomText,
  instances: z.number().int(),
  /** Whose images these are, where the study holds images of several patients; else empty. */
  patients: z
    .array(Patient)
    .max(1 + MOST_OTHER_PATIENTS)
    .default([]),
  /** The instance whose thumbnail stands for the series: the middle one in reading order. */
  cover: Uid,
})
export type SeriesRow = z.infer<typeof SeriesRow>

export const InstanceRow = z.object({
  SOPInstanceUID: Uid,
  SOPClassUID: Uid,
  InstanceNumber: z.number().int().nullable(),
  NumberOfFrames: z.number().int(),
  Rows: z.number().int(),
  Columns: z.number().int(),
  /** image: has frames to show; report: encapsulated document or SR; other: neither. */
  kind: z.enum(['image', 'report', 'other']),
})
export type InstanceRow = z.infer<typeof InstanceRow>

export const StudySort = z.enum([
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'StudyDescription',
  'ModalitiesInStudy',
  'StudyDate',
  'instances',
  'AccessionNumber',
  'shared',
])

export const StudyQuery = z.object({
  /**
   * Words, each of which must begin a word of name, ID, accession number, description or birth date (dd/mm/yyyy or
   * YYYYMMDD).
   */
  text: text(500).default(''),
  PatientName: text(500).optional(),
  PatientID: text(500).optional(),
  PatientBirthDate: text(500).optional(),
  AccessionNumber: text(500).optional(),
  StudyDescription: text(500).optional(),
  Modality: z.array(text(64)).max(100).optional(),
  /** Inclusive, YYYYMMDD. */
  dateFrom: text(500).optional(),
  dateTo: text(500).optional(),
  notShared: z.boolean().default(false),
  sort: StudySort.default('StudyDate'),
  descending: z.boolean().default(true),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
})
export type StudyQuery = z.infer<typeof StudyQuery>

export const Folder = z.object({
  /** Opaque: the page never sees a path it could open. */
  folderId: Name,
  /** The last name of the path, to recognise it by. */
  name: cutText(1000),
  state: z.enum(['indexing', 'watching', 'paused', 'missing']),
  files: z.number().int(),
  indexed: z.number().int(),
  skipped: z.number().int(),
  /** Of the run under way; null when none is. */
  progress: z
    .object({
      done: z.number().int(),
      total: z.number().int().nullable(),
      secondsLeft: z.number().min(0).max(1e12).nullable(),
    })
    .nullable(),
})
export type Folder = z.infer<typeof Folder>

export const SkippedFile = z.object({ folderId: Name, name: cutText(1000), code: Code })
export type SkippedFile = z.infer<typeof SkippedFile>

// ---------------------------------------------------------------- recipients

/** Systems of professional numbers, by the name users know them by. */
export const ProfessionalNumber = z.object({ system: Name, value: Name })

/** The id of a recipient in the directory of an organisation. */
export const RecipientId = z.string().min(1).max(200)

/** One address (RFC 5321 allows 254 characters), or none. Several in one field would all be written to. */
const Email = z.union([z.literal(''), z.email().max(254)])
/** International form, + and digits (ITU-T E.164), or none. */
const Mobile = z.union([
  z.literal(''),
  z
    .string()
    .max(16)
    .regex(/^\+[1-9]\d{6,14}$/),
])

/** A directory entry as the relay stores it, with the contacts that it writes to. */
export const DirectoryEntry = z.object({
  recipientId: RecipientId,
  kind: z.enum(['user', 'group', 'department']),
  familyName: Name,
  givenName: Name.default(''),
  prefix: Name.default(''),
  specialty: Name.default(''),
  organisation: Name.default(''),
  city: Name.default(''),
  numbers: z.array(ProfessionalNumber).max(100).default([]),
  email: Email.default(''),
  emailPublic: z.boolean().default(false),
  mobile: Mobile.default(''),
  mobilePublic: z.boolean().default(false),
  language: Language.nullable().default(null),
  /** Larger comes first among equal matches. */
  rank: z.number().int().default(0),
})
export type DirectoryEntry = z.infer<typeof DirectoryEntry>

/** A directory entry as it travels to workstations: a contact that is not public is only what it looks like. */
export const ListedEntry = DirectoryEntry.extend({
  email: text(300).default(''),
  mobile: text(40).default(''),
  language: Language.nullable().default(null).catch(null),
})

/** A directory entry as the page may see it. */
export const RecipientView = z.object({
  recipientId: RecipientId,
  kind: z.enum(['user', 'group', 'department']),
  name: cutText(1000),
  specialty: Name,
  organisation: Name,
  city: Name,
  numbers: z.array(ProfessionalNumber).max(100),
  /** Empty unless public. */
  email: text(300),
  mobile: text(40),
  hasEmail: z.boolean(),
  hasMobile: z.boolean(),
  language: Language.nullable(),
  favourite: z.boolean(),
})
export type RecipientView = z.infer<typeof RecipientView>

// ---------------------------------------------------------------- terms and policy

export const Period = z.object({ unit: z.enum(['day', 'month']), count: z.number().int().min(1).max(1200) })
export type Period = z.infer<typeof Period>

/**
 * A period starts at delivery; a date stands (its whole day included, in the department's time zone); unlimited ends
 * only by withdrawal (U13).
 */
export const Validity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('period'), period: Period }),
  z.object({ kind: z.literal('until'), day: Day }),
  z.object({ kind: z.literal('unlimited') }),
])
export type Validity = z.infer<typeof Validity>

export const Right = z.enum(['images-read-report', 'images-write-report'])
export type Right = z.infer<typeof Right>

/** A department's defaults and limits for shares with users. */
export const SharePolicy = z.object({
  validity: z.object({ default: Validity, maximum: Period.nullable(), unlimitedOffered: z.boolean() }),
  twoFactor: z.enum(['required', 'offered']),
  sendMail: z.enum(['required', 'offered']),
  rights: z.array(Right).min(1).max(10),
  anonymize: z.enum(['required', 'offered']),
  furtherSharing: z.enum(['offered', 'forbidden']),
  /** Predefined reasons, one click each (U11). */
  reasons: z.array(Name).max(200),
  defaultLanguage: Language,
  /** IANA name; days of validity end at midnight there. */
  timeZone: Code,
  /** Whom a recipient may ask: shown when a link has expired. */
  contact: text(1000),
})
export type SharePolicy = z.infer<typeof SharePolicy>

/** Options of the profile that a share may choose (PS3.15 Table E.1-1, one name per column). */
export const DeidentifyOptions = z
  .array(
    z.enum([
      'retainUIDs',
      'retainDeviceIdentity',
      'retainInstitutionIdentity',
      'retainPatientCharacteristics',
      'retainLongitudinalFullDates',
      'retainLongitudinalModifiedDates',
      'retainSafePrivate',
      'cleanDescriptors',
      'cleanStructuredContent',
      'cleanGraphics',
      'cleanRecognizableVisualFeatures',
    ]),
  )
  .max(11)
export type DeidentifyOptions = z.infer<typeof DeidentifyOptions>

/** What the sender sets. The mail's language is settled by the rule of U12 when null. */
export const ShareTerms = z.object({
  right: Right,
  reason: text(1000),
  validity: Validity,
  patientAgreed: z.boolean(),
  urgent: z.boolean(),
  anonymize: z.boolean(),
  /** Of an anonymized share: options of the profile (D2); absent: none. */
  deidentify: DeidentifyOptions.optional(),
  twoFactor: z.boolean(),
  /** Recipients who open by their link alone although two-factor is on; never where the department requires it. */
  withoutTwoFactor: z.array(RecipientId).max(MOST_RECIPIENTS).optional(),
  sendMail: z.boolean(),
  furtherSharing: z.boolean(),
  message: z.string().max(10_000),
  mailLanguage: Language.nullable(),
})
export type ShareTerms = z.infer<typeof ShareTerms>

/** What the user picked. Only whole instances; leftOut names those taken out again. */
export const Selection = z.object({
  studies: z
    .array(
      z.object({
        StudyInstanceUID: Uid,
        /** null: every series. */
        series: z.array(Uid).max(100_000).nullable(),
      }),
    )
    .min(1)
    .max(20_000),
  leftOut: z.array(Uid).max(MANY).default([]),
})
export type Selection = z.infer<typeof Selection>

/** Why an instance cannot be sent de-identified as it is (D5, D6). */
export const Refusal = z.object({
  SOPInstanceUID: Uid,
  SeriesInstanceUID: Uid,
  StudyInstanceUID: Uid,
  code: Code,
})
export type Refusal = z.infer<typeof Refusal>

/** A rectangle in pixels of the image, from its upper left corner. */
export const PixelRegion = z.object({
  x: z.number().min(0).max(100_000),
  y: z.number().min(0).max(100_000),
  width: z.number().min(1).max(100_000),
  height: z.number().min(1).max(100_000),
})
export type PixelRegion = z.infer<typeof PixelRegion>

/** An image that a person must look at. */
export const LookImage = z.object({
  SOPInstanceUID: Uid,
  InstanceNumber: z.number().int().nullable(),
  NumberOfFrames: z.number().int(),
  Rows: z.number().int(),
  Columns: z.number().int(),
  /** Names this state of the file: signing off says which one was seen. */
  content: Name,
  /** Why nobody can see it here (video); null when it can be shown. */
  code: Code.nullable(),
})
export type LookImage = z.infer<typeof LookImage>

export const SignedOff = z.object({
  StudyInstanceUID: Uid,
  SeriesInstanceUID: Uid,
  SOPInstanceUIDs: z.array(Uid).max(MANY),
  by: Name,
  at: Instant,
  /** Number of regions that are made black. */
  regions: z.number().int(),
})
export type SignedOff = z.infer<typeof SignedOff>

/** One element of D8: what becomes of it. Values are for the page alone. */
export const DeidentifyRow = z.object({
  /** Tags and items from the top, for example (0040,0275)[0]/(0040,0007). */
  path: DicomText,
  tag: DicomText,
  keyword: DicomText,
  action: z.enum(['removed', 'replaced', 'kept', 'cleaned']),
  before: DicomText,
  after: DicomText,
})
export type DeidentifyRow = z.infer<typeof DeidentifyRow>

export const DeidentifyPreview = z.object({
  StudyInstanceUID: Uid,
  SeriesInstanceUID: Uid,
  SOPInstanceUID: Uid,
  Modality: DicomText,
  SeriesDescription: DicomText,
  SeriesNumber: z.number().int().nullable(),
  /** Why this instance cannot be de-identified at all; then there are no rows. */
  code: Code.nullable(),
  rows: z.array(DeidentifyRow).max(MANY),
  /** Rows beyond the limit. */
  more: z.number().int(),
})
export type DeidentifyPreview = z.infer<typeof DeidentifyPreview>

// ---------------------------------------------------------------- outbox and status

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
  /** An error code of the catalog: why it waits or failed. */
  reason: Code.nullable(),
  waitingUntil: Instant.nullable(),
  undoUntil: Instant.nullable(),
  since: Instant,
  createdAt: Instant,
  createdBy: cutText(1000),
  urgent: z.boolean(),
  patient: DicomText,
  description: DicomText,
  recipients: z.array(cutText(1000)).max(MOST_RECIPIENTS),
  instances: z.number().int(),
  instancesPrepared: z.number().int(),
  bytesSent: z.number().int(),
  bytesTotal: z.number().int(),
  bytesPerSecond: z.number().min(0).max(1e15).nullable(),
  position: z.number().int(),
})
export type OutboxRow = z.infer<typeof OutboxRow>

/** A recipient's state in Share status (U26). */
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

/** The end of a share as everybody is told it, in the time zone of the sending department: see shareEnd. */
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
  /** Whether the person who asks made it. */
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
    .max(MOST_RECIPIENTS),
})
export type ShareStatus = z.infer<typeof ShareStatus>

/** One event in the life of a share, as the audit log has it. */
export const ShareMoment = z.object({
  at: Instant,
  action: z.string().max(40),
  /** Who acted; the program itself where nobody did. */
  actor: z.object({ kind: z.enum(['staff', 'recipient', 'program']), name: z.string().max(200) }),
  /** The recipient whom it concerns; null: all of them. */
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
  role: z.enum(['front-desk', 'technologist', 'physician', 'administrator']),
})
export type StaffView = z.infer<typeof StaffView>
