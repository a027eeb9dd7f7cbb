/**
 * The workstation's API towards its own page: input, output, errors. Mounted at /rpc of workstation.fetch; changes
 * arrive on /events.
 */
import { z } from 'zod'
import { byStaff } from '../permissions/called-by.ts'
import { Code, cutText, MANY, MOST_RECIPIENTS, Name, text } from './bounded.ts'
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
/** Names a share; the check of permissions reads it too. */
export const ShareRef = z.object({ shareId: Id })
const done = z.object({ ok: z.literal(true) })

/** Everything a share needs from the sender, before it is committed. */
export const ShareDraft = z.object({
  /** Made by the page when the panel opens: pressing Share twice makes one share (S3). */
  shareId: Id,
  selection: Selection,
  recipients: z.array(z.object({ recipientId: RecipientId, star: z.boolean() })).max(MOST_RECIPIENTS),
  terms: ShareTerms,
  /** Of a selection of several patients: the review's patientsShown that a person was shown and confirmed (W15). */
  confirmedPatients: z.string().max(64).optional(),
})
export type ShareDraft = z.infer<typeof ShareDraft>

/** What each recipient would get, in the language that the rule of U12 or the sender chose. */
export const SharePreview = z.object({
  language: Language,
  mails: z
    .array(
      z.object({
        recipientId: RecipientId,
        name: text(1000),
        /** Whether this recipient types a one-time password before opening (U7). */
        twoFactor: z.boolean(),
        subject: cutText(10_000),
        text: text(10_000_000),
      }),
    )
    .max(MANY),
})
export type SharePreview = z.infer<typeof SharePreview>

/** Without use for so long the seat is left (W8), in milliseconds. */
export const IDLE_END_MS = 15 * 60_000

/** One message of /events (server-sent): the page refetches what it names. Never patient data. */
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
 * What a check of the audit log found. consistent: it continues the last head that the relay keeps. not-compared:
 * nothing is wrong with the log itself, but the relay did not vouch for it. changed: entries do not fit their hashes.
 * shortened, rewritten: the relay keeps a head of more, or of other entries. alarm: the relay was told a head that did
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
  /** Of the log as it is, in hex (RFC 9162 2.1.1). */
  head: Name,
  /** Whether the finding is `consistent`. */
  ok: z.boolean(),
  finding: LogFinding,
  /** kept-answer: what the relay answered last, as the ledger has it. */
  comparedWith: z.enum(['relay', 'kept-answer']).nullable(),
  /** Why the relay's head of now is not compared: an error code, or nothing-witnessed. */
  reason: Code.nullable(),
  /** The last head that the relay keeps. */
  witnessed: AuditHead.nullable(),
  /** Entries after it, which the relay knows nothing of, and since when. */
  notWitnessed: z.number().int(),
  notWitnessedSince: Instant.nullable(),
  alarm: AuditHead.nullable(),
})
export type LogVerdict = z.infer<typeof LogVerdict>

export const workstationContract = {
  session: {
    /** What the page must know to choose its first screen. */
    current: byStaff('anyone').output(
      z.object({
        staff: StaffView.nullable(),
        /** Who signs in here, for the list on the sign-in page; names only. */
        known: z.array(StaffView).max(10_000),
        enrolled: z.boolean(),
        organisation: cutText(1000),
        department: cutText(1000),
        workstation: cutText(1000),
        secrets: z.object({ backend: z.enum(['keychain', 'file']), locked: z.boolean(), firstUse: z.boolean() }),
        /** A demonstration with invented people: the sign-in page says so and offers its staff by one click. */
        demonstration: z.boolean(),
        canBrowseFolders: z.boolean(),
      }),
    ),
    signIn: byStaff('anyone')
      .input(z.object({ name: Name, password: text(1000) }))
      .output(StaffView),
    /** Only in a demonstration: signs its first staff member in. */
    signInDemonstration: byStaff('anyone').output(StaffView),
    signOut: byStaff('anyone').output(done),
    /** For the log: where the page's own code failed. It holds nothing of the message. */
    pageFailed: byStaff('anyone')
      .input(z.object({ kind: z.enum(['error', 'rejection', 'render']), name: cutText(60), place: cutText(120) }))
      .output(done),
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
      .output(z.object({ total: z.number().int(), rows: z.array(StudyRow).max(MANY) })),
    study: byStaff('browse-library')
      .input(z.object({ StudyInstanceUID: Uid }))
      .output(z.object({ study: StudyRow, series: z.array(SeriesRow).max(MANY) })),
    instances: byStaff('browse-library')
      .input(z.object({ StudyInstanceUID: Uid, SeriesInstanceUID: Uid }))
      .output(z.array(InstanceRow).max(MANY)),
    folders: byStaff('browse-library').output(z.array(Folder).max(MANY)),
    /** A handle from the native dialog (preload) or from browse. */
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
      .output(z.object({ total: z.number().int(), rows: z.array(SkippedFile).max(MANY) })),
    openSamples: byStaff('manage-folders').output(z.object({ folderId: Name })),
    /**
     * Looks through a folder or a ZIP, by a handle as of addFolder; what is found is in importState, and events of type
     * folders tell when to ask.
     */
    importScan: byStaff('import')
      .input(z.object({ handle: text(200) }))
      .output(z.object({ importId: Id })),
    importState: byStaff('import')
      .input(z.object({ importId: Id }))
      .output(ImportState),
    /** Copies into the library, all or nothing, once every patient has a choice. */
    importStart: byStaff('import')
      .input(z.object({ importId: Id, choices: z.array(ImportChoice).max(MANY) }))
      .output(done),
    importCancel: byStaff('import')
      .input(z.object({ importId: Id }))
      .output(done),
    /** Folder chooser for hosts without a native dialog: names and opaque handles. No handle: the user's home. */
    browse: byStaff('manage-folders')
      .input(z.object({ handle: text(200).optional() }))
      .output(
        z.object({
          handle: text(200),
          name: cutText(1000),
          parent: text(200).nullable(),
          folders: z.array(z.object({ handle: text(200), name: cutText(1000) })).max(MANY),
          /** ZIP files in it, for an import. */
          files: z
            .array(z.object({ handle: text(200), name: cutText(1000) }))
            .max(MANY)
            .default([]),
        }),
      ),
  },
  directory: {
    search: byStaff('find-recipients')
      .input(z.object({ text: text(200), limit: z.number().int().min(1).max(50).default(20) }))
      .output(z.array(RecipientView).max(MANY)),
    favourites: byStaff('find-recipients').output(z.array(RecipientView).max(MANY)),
    setFavourite: byStaff('find-recipients')
      .input(z.object({ recipientId: RecipientId, favourite: z.boolean() }))
      .output(done),
  },
  sharing: {
    /** The department's policy and this staff member's remembered choices (U20). */
    defaults: byStaff('prepare-share').output(
      z.object({ policy: SharePolicy, twoFactor: z.boolean(), sendMail: z.boolean(), right: Right }),
    ),
    /** What a selection holds, whose it is, and what would be refused when anonymized. */
    review: byStaff('prepare-share')
      .input(z.object({ selection: Selection, anonymize: z.boolean(), options: DeidentifyOptions.optional() }))
      .output(
        z.object({
          patients: z.array(Patient).max(MANY),
          /** Names exactly these patients: what confirmedPatients of a draft must say where there are several. */
          patientsShown: text(64),
          studies: z.number().int(),
          series: z.number().int(),
          instances: z.number().int(),
          bytes: z.number().int(),
          refusals: z.array(Refusal).max(MANY),
          arriving: z.boolean(),
          /** What a person signed off and so is no refusal any more, by series. */
          signedOff: z.array(SignedOff).max(MANY).default([]),
        }),
      ),
    /**
     * What a person must see before these instances may leave de-identified (D5): every frame of each. @error the code
     * of what no look can lift, instance-not-found
     */
    requestReview: byStaff('prepare-share')
      .input(
        z.object({ StudyInstanceUID: Uid, SeriesInstanceUID: Uid, SOPInstanceUIDs: z.array(Uid).min(1).max(20_000) }),
      )
      .output(
        z.object({
          images: z.array(ReviewImage).max(MANY),
          /**
           * Of an earlier sign-off of this series, else what lies outside the calibrated regions of an ultrasound
           * image.
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
    /** D8: element by element, of one instance of each series, or of the one named. */
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
    list: byStaff('follow-shares').output(z.array(OutboxRow).max(MANY)),
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
      .output(z.object({ total: z.number().int(), rows: z.array(ShareStatus).max(MANY) })),
    /** Everything that happened to a share, oldest first. */
    history: byStaff('follow-shares').input(ShareRef).output(z.array(ShareMoment).max(MANY)),
    withdraw: byStaff({ ownShare: 'withdraw-own', sharesOfOthers: 'withdraw-any' }).input(ShareRef).output(done),
    unblock: byStaff('unblock')
      .input(ShareRef.extend({ recipientId: RecipientId }))
      .output(done),
  },
  audit: {
    list: byStaff('read-audit')
      .input(page)
      .output(z.object({ total: z.number().int(), rows: z.array(AuditEntryView).max(MANY) })),
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
    /** Preferences of the signed-in staff member. */
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
