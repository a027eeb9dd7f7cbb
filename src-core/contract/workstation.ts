/**
 * The API of the workstation for its page: input, output, errors. It is at /rpc of workstation.fetch; changes are
 * reported on /events.
 */
import { z } from 'zod'
import { byStaff } from '../permissions/called-by.ts'
import { Code, cutText, MAX_LIST_LENGTH, MAX_RECIPIENTS, Name, text } from './bounded.ts'
import { DeidentifyPreview, ReviewImage, PixelRegion, Refusal, SignedOff } from './deidentification.ts'
import { Id, Instant, Language, Uid } from './identifiers.ts'
import { RecipientView, RecipientId } from './recipients.ts'
import { AuditEntryView, OutboxRow, ShareMoment, ShareStatus, StaffView } from './shares.ts'
import { Folder, InstanceRow, Patient, SeriesRow, SkippedFile, StudyQuery, StudyRow } from './studies.ts'
import { DeidentifyOptions, Right, Selection, SharePolicy } from './terms.ts'
import { ShareTerms } from './terms/share-terms.ts'
import { ImportChoice, ImportState } from './import.ts'
import { AuditHead } from './relay.ts'

const page = z.object({
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
})
/** The reference to a share. The check of permissions reads it too. */
export const ShareRef = z.object({ shareId: Id })
const done = z.object({ ok: z.literal(true) })

/** Everything that the sender enters before a share is committed. */
export const ShareDraft = z.object({
  /** The page makes the id when the panel opens, so that pressing Share twice makes one share (S3). */
  shareId: Id,
  selection: Selection,
  recipients: z.array(z.object({ recipientId: RecipientId, star: z.boolean() })).max(MAX_RECIPIENTS),
  terms: ShareTerms,
  /** For a selection of several patients, the patientsShown of the review that a person saw and confirmed (W15). */
  confirmedPatients: z.string().max(64).optional(),
})
export type ShareDraft = z.infer<typeof ShareDraft>

/** The mail that each recipient would get, in the language that the rule of U12 or the sender chose. */
export const SharePreview = z.object({
  language: Language,
  mails: z
    .array(
      z.object({
        recipientId: RecipientId,
        name: text(1000),
        /** Whether this recipient enters a one-time password before opening (U7). */
        twoFactor: z.boolean(),
        subject: cutText(10_000),
        text: text(10_000_000),
      }),
    )
    .max(MAX_LIST_LENGTH),
})
export type SharePreview = z.infer<typeof SharePreview>

/** The idle time after which staff is signed out (W8), in milliseconds. */
export const IDLE_END_MS = 15 * 60_000

/**
 * One message of /events (server-sent events). The page reads again what the message names. It never has patient data.
 */
export const WorkstationEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('library') }),
  z.object({ type: z.literal('folders') }),
  z.object({ type: z.literal('outbox') }),
  z.object({ type: z.literal('shares') }),
  z.object({ type: z.literal('directory') }),
  z.object({ type: z.literal('session') }),
  z.object({ type: z.literal('settings') }),
  z.object({ type: z.literal('connection'), online: z.boolean() }),
])
export type WorkstationEvent = z.infer<typeof WorkstationEvent>

/**
 * The result of a check of the audit log. consistent: it continues the last head that the relay keeps. not-compared:
 * the log itself has no error, but it was not compared with the relay. changed: entries do not match their hashes.
 * shortened, rewritten: the relay keeps a head of more, or of other entries. alarm: the relay received a head that did
 * not continue the one before. enrolment-missing: the secrets belong to an enrolment that the ledger does not have.
 */
export const LogFinding = z.enum([
  'consistent',
  'not-compared',
  'changed',
  'emptied',
  'enrolment-missing',
  'shortened',
  'rewritten',
  'alarm',
])
export type LogFinding = z.infer<typeof LogFinding>

export const LogVerdict = z.object({
  entries: z.number().int(),
  /** The head of the current log, in hex (RFC 9162 2.1.1). */
  head: Name,
  /** Whether the finding is `consistent`. */
  ok: z.boolean(),
  finding: LogFinding,
  /** relay: the current answer of the relay. kept-answer: its last answer, which the ledger has. */
  comparedWith: z.enum(['relay', 'kept-answer']).nullable(),
  /** The error code that says why the relay's current head is not compared, or nothing-witnessed. */
  reason: Code.nullable(),
  /** The last head that the relay keeps. */
  witnessed: AuditHead.nullable(),
  /** The number of entries after it, which the relay does not know, and the time of the first of them. */
  notWitnessed: z.number().int(),
  notWitnessedSince: Instant.nullable(),
  alarm: AuditHead.nullable(),
})
export type LogVerdict = z.infer<typeof LogVerdict>

/** Where the page's own code failed. */
export const PageFailure = z.object({
  kind: z.enum(['error', 'rejection', 'render']),
  /** The name of the error's class. */
  name: cutText(60),
  /** File, line and column, as `index-abc.js:1:2345`. */
  place: cutText(120),
})
export type PageFailure = z.infer<typeof PageFailure>

export const workstationContract = {
  session: {
    /** The data that the page needs to choose its first screen. */
    current: byStaff('anyone').output(
      z.object({
        staff: StaffView.nullable(),
        /** The staff for the list on the sign-in page; names only. */
        known: z.array(StaffView).max(10_000),
        enrolled: z.boolean(),
        organisation: cutText(1000),
        department: cutText(1000),
        workstation: cutText(1000),
        secrets: z.object({ backend: z.enum(['keychain', 'file']), locked: z.boolean(), firstUse: z.boolean() }),
        /**
         * Whether this is a demonstration with invented people. The sign-in page then says so and signs in its staff by
         * one click.
         */
        demonstration: z.boolean(),
        canBrowseFolders: z.boolean(),
      }),
    ),
    signIn: byStaff('anyone')
      .input(z.object({ name: Name, password: text(1000) }))
      .output(StaffView),
    /** Signs in the first staff member of a demonstration. It fails elsewhere. */
    signInDemonstration: byStaff('anyone').output(StaffView),
    signOut: byStaff('anyone').output(done),
    /** For the log: where the page's own code failed. It holds nothing of the message. */
    pageFailed: byStaff('anyone').input(PageFailure).output(done),
    unlockSecrets: byStaff('anyone')
      .input(z.object({ passphrase: cutText(1000).min(8).max(1000) }))
      .output(done),
    enroll: byStaff('anyone')
      .input(z.object({ relayUrl: z.url().max(2000), code: Code }))
      .output(z.object({ organisation: cutText(1000), department: cutText(1000), workstation: cutText(1000) })),
  },
  library: {
    studies: byStaff('browse-library')
      .input(StudyQuery)
      .output(z.object({ total: z.number().int(), rows: z.array(StudyRow).max(MAX_LIST_LENGTH) })),
    study: byStaff('browse-library')
      .input(z.object({ StudyInstanceUID: Uid }))
      .output(z.object({ study: StudyRow, series: z.array(SeriesRow).max(MAX_LIST_LENGTH) })),
    instances: byStaff('browse-library')
      .input(z.object({ StudyInstanceUID: Uid, SeriesInstanceUID: Uid }))
      .output(z.array(InstanceRow).max(MAX_LIST_LENGTH)),
    folders: byStaff('browse-library').output(z.array(Folder).max(MAX_LIST_LENGTH)),
    /** Adds a folder by a handle from the native dialog (preload) or from browse. */
    addFolder: byStaff('manage-folders')
      .input(z.object({ handle: text(200) }))
      .output(z.object({ folderId: Name })),
    removeFolder: byStaff('manage-folders')
      .input(z.object({ folderId: Name }))
      .output(done),
    rescan: byStaff('manage-folders')
      .input(z.object({ folderId: Name }))
      .output(done),
    pause: byStaff('manage-folders')
      .input(z.object({ folderId: Name, paused: z.boolean() }))
      .output(done),
    skipped: byStaff('browse-library')
      .input(page)
      .output(z.object({ total: z.number().int(), rows: z.array(SkippedFile).max(MAX_LIST_LENGTH) })),
    openSamples: byStaff('manage-folders').output(z.object({ folderId: Name })),
    /**
     * Scans a folder or a ZIP file, by a handle like that of addFolder. The result is in importState; events of type
     * folders say when it has changed.
     */
    importScan: byStaff('import')
      .input(z.object({ handle: text(200) }))
      .output(z.object({ importId: Id })),
    importState: byStaff('import')
      .input(z.object({ importId: Id }))
      .output(ImportState),
    /** Copies into the library, all or nothing, once every patient has a choice. */
    importStart: byStaff('import')
      .input(z.object({ importId: Id, choices: z.array(ImportChoice).max(MAX_LIST_LENGTH) }))
      .output(done),
    importCancel: byStaff('import')
      .input(z.object({ importId: Id }))
      .output(done),
    /**
     * Lists folders for hosts without a native dialog: names and opaque handles. Without a handle it lists the user's
     * home folder.
     */
    browse: byStaff('manage-folders')
      .input(z.object({ handle: text(200).optional() }))
      .output(
        z.object({
          handle: text(200),
          name: cutText(1000),
          parent: text(200).nullable(),
          folders: z.array(z.object({ handle: text(200), name: cutText(1000) })).max(MAX_LIST_LENGTH),
          /** The ZIP files in the folder, for an import. */
          files: z
            .array(z.object({ handle: text(200), name: cutText(1000) }))
            .max(MAX_LIST_LENGTH)
            .default([]),
        }),
      ),
  },
  directory: {
    search: byStaff('find-recipients')
      .input(z.object({ text: text(200), limit: z.number().int().min(1).max(50).default(20) }))
      .output(z.array(RecipientView).max(MAX_LIST_LENGTH)),
    favourites: byStaff('find-recipients').output(z.array(RecipientView).max(MAX_LIST_LENGTH)),
    setFavourite: byStaff('find-recipients')
      .input(z.object({ recipientId: RecipientId, favourite: z.boolean() }))
      .output(done),
  },
  sharing: {
    /** The department's policy and the remembered choices of this staff member (U20). */
    defaults: byStaff('prepare-share').output(
      z.object({ policy: SharePolicy, twoFactor: z.boolean(), sendMail: z.boolean(), right: Right }),
    ),
    /** The content of a selection, its patients, and the instances that would be refused in an anonymized share. */
    review: byStaff('prepare-share')
      .input(z.object({ selection: Selection, anonymize: z.boolean(), options: DeidentifyOptions.optional() }))
      .output(
        z.object({
          patients: z.array(Patient).max(MAX_LIST_LENGTH),
          /**
           * Identifies exactly these patients. When there are several, confirmedPatients of a draft must have this
           * value.
           */
          patientsShown: text(64),
          studies: z.number().int(),
          series: z.number().int(),
          instances: z.number().int(),
          bytes: z.number().int(),
          refusals: z.array(Refusal).max(MAX_LIST_LENGTH),
          arriving: z.boolean(),
          /** What a person signed off, which is therefore no refusal any more, by series. */
          signedOff: z.array(SignedOff).max(MAX_LIST_LENGTH).default([]),
        }),
      ),
    /**
     * The frames that a person must review before these instances may leave de-identified (D5): every frame of each
     * instance.
     * @error the code of an instance that a pixel review cannot clear, instance-not-found
     */
    requestReview: byStaff('prepare-share')
      .input(
        z.object({ StudyInstanceUID: Uid, SeriesInstanceUID: Uid, SOPInstanceUIDs: z.array(Uid).min(1).max(20_000) }),
      )
      .output(
        z.object({
          images: z.array(ReviewImage).max(MAX_LIST_LENGTH),
          /**
           * The regions of an earlier sign-off of this series, else the area outside the calibrated regions of an
           * ultrasound image.
           */
          proposals: z.array(PixelRegion).max(1000),
          proposedBy: z.enum(['earlier', 'ultrasound', 'nothing']),
        }),
      ),
    /**
     * Records who reviewed the pixels, which regions are to be black, and that every frame was shown.
     * @error file-changed, frames-not-reviewed; what requestReview throws
     */
    signOff: byStaff('share')
      .input(
        z.object({
          StudyInstanceUID: Uid,
          SeriesInstanceUID: Uid,
          regions: z.array(PixelRegion).max(256),
          images: z
            .array(
              z.object({
                SOPInstanceUID: Uid,
                content: Name,
                framesSeen: z.array(z.number().int().min(1)).max(100_000),
              }),
            )
            .min(1)
            .max(20_000),
        }),
      )
      .output(done),
    /** What de-identification does to each element (D8), for one instance of each series, or for the named instance. */
    deidentifyPreview: byStaff('prepare-share')
      .input(z.object({ selection: Selection, SOPInstanceUID: Uid.optional(), options: DeidentifyOptions.optional() }))
      .output(z.object({ instances: z.array(DeidentifyPreview).max(100_000) })),
    preview: byStaff('prepare-share').input(ShareDraft).output(SharePreview),
    share: byStaff('share')
      .input(ShareDraft)
      .output(z.object({ shareId: Id, state: z.literal('held'), undoUntil: Instant, confirmation: text(10_000_000) })),
    undo: byStaff('undo-share').input(ShareRef).output(done),
  },
  outbox: {
    list: byStaff('follow-shares').output(z.array(OutboxRow).max(MAX_LIST_LENGTH)),
    act: byStaff('share')
      .input(
        z.object({
          shareId: Id,
          action: z.enum(['pause', 'resume', 'retry', 'cancel', 'send-now', 'move-up', 'move-down']),
        }),
      )
      .output(OutboxRow),
  },
  shares: {
    list: byStaff('follow-shares')
      .input(page.extend({ StudyInstanceUID: Uid.optional(), state: Code.optional() }))
      .output(z.object({ total: z.number().int(), rows: z.array(ShareStatus).max(MAX_LIST_LENGTH) })),
    /** Everything that happened to a share, oldest first. */
    history: byStaff('follow-shares').input(ShareRef).output(z.array(ShareMoment).max(MAX_LIST_LENGTH)),
    withdraw: byStaff({ ownShare: 'withdraw-own', sharesOfOthers: 'withdraw-any' }).input(ShareRef).output(done),
    unblock: byStaff('unblock')
      .input(ShareRef.extend({ recipientId: RecipientId }))
      .output(done),
  },
  audit: {
    list: byStaff('read-audit')
      .input(page)
      .output(z.object({ total: z.number().int(), rows: z.array(AuditEntryView).max(MAX_LIST_LENGTH) })),
    verify: byStaff('read-audit').output(LogVerdict),
  },
  connection: {
    state: byStaff('follow-shares').output(
      z.object({
        online: z.boolean(),
        relayUrl: text(2000).nullable(),
        lastContact: Instant.nullable(),
        reason: Code.nullable(),
        waiting: z.number().int(),
      }),
    ),
  },
  settings: {
    /** The preferences of the signed-in staff member. */
    get: byStaff('change-own-settings').output(
      z.object({ colorScheme: z.enum(['dark', 'light', 'auto']), language: Language, glovesMode: z.boolean() }),
    ),
    set: byStaff('change-own-settings')
      .input(
        z.object({
          colorScheme: z.enum(['dark', 'light', 'auto']).optional(),
          language: Language.optional(),
          glovesMode: z.boolean().optional(),
        }),
      )
      .output(done),
  },
}
