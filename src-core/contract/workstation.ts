/**
 * The workstation's API towards its own page: input, output, errors. Mounted at /rpc of workstation.fetch; changes
 * arrive on /events.
 */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import {
  AuditEntryView,
  DeidentifyOptions,
  DeidentifyPreview,
  Folder,
  Id,
  Instant,
  InstanceRow,
  Language,
  LookImage,
  OutboxRow,
  PixelRegion,
  RecipientView,
  Refusal,
  Right,
  Selection,
  SeriesRow,
  SharePolicy,
  ShareMoment,
  ShareStatus,
  ShareTerms,
  SignedOff,
  SkippedFile,
  StaffView,
  StudyQuery,
  StudyRow,
  Uid,
} from './models.ts'
import { ImportChoice, ImportState } from './import.ts'

const page = z.object({
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
})
const shareRef = z.object({ shareId: Id })
const done = z.object({ ok: z.literal(true) })

/** Everything a share needs from the sender, before it is committed. */
export const ShareDraft = z.object({
  /** Made by the page when the panel opens: pressing Share twice makes one share (S3). */
  shareId: Id,
  selection: Selection,
  recipients: z.array(z.object({ recipientId: z.string(), star: z.boolean() })),
  terms: ShareTerms,
})
export type ShareDraft = z.infer<typeof ShareDraft>

/** What each recipient would get, in the language that the rule of U12 or the sender chose. */
export const SharePreview = z.object({
  language: Language,
  mails: z.array(
    z.object({
      recipientId: z.string(),
      name: z.string(),
      /** Whether this recipient types a one-time password before opening (U7). */
      twoFactor: z.boolean(),
      subject: z.string(),
      text: z.string(),
    }),
  ),
})
export type SharePreview = z.infer<typeof SharePreview>

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

export const workstationContract = {
  session: {
    /** What the page must know to choose its first screen. */
    current: oc.output(
      z.object({
        staff: StaffView.nullable(),
        /** Who signs in here, for the list on the sign-in page; names only. */
        known: z.array(StaffView),
        enrolled: z.boolean(),
        organisation: z.string(),
        department: z.string(),
        workstation: z.string(),
        secrets: z.object({ backend: z.enum(['keychain', 'file']), locked: z.boolean(), firstUse: z.boolean() }),
        /** A demonstration with invented people: the sign-in page says so and offers its staff by one click. */
        demonstration: z.boolean(),
        canBrowseFolders: z.boolean(),
      }),
    ),
    signIn: oc.input(z.object({ name: z.string(), password: z.string() })).output(StaffView),
    /** Only in a demonstration: signs its first staff member in. */
    signInDemonstration: oc.output(StaffView),
    signOut: oc.output(done),
    unlockSecrets: oc.input(z.object({ passphrase: z.string().min(8) })).output(done),
    enroll: oc
      .input(z.object({ relayUrl: z.url(), code: z.string() }))
      .output(z.object({ organisation: z.string(), department: z.string(), workstation: z.string() })),
  },
  library: {
    studies: oc.input(StudyQuery).output(z.object({ total: z.number().int(), rows: z.array(StudyRow) })),
    study: oc
      .input(z.object({ StudyInstanceUID: Uid }))
      .output(z.object({ study: StudyRow, series: z.array(SeriesRow) })),
    instances: oc.input(z.object({ StudyInstanceUID: Uid, SeriesInstanceUID: Uid })).output(z.array(InstanceRow)),
    folders: oc.output(z.array(Folder)),
    /** A handle from the native dialog (preload) or from browse. */
    addFolder: oc.input(z.object({ handle: z.string() })).output(z.object({ folderId: z.string() })),
    removeFolder: oc.input(z.object({ folderId: z.string() })).output(done),
    rescan: oc.input(z.object({ folderId: z.string() })).output(done),
    pause: oc.input(z.object({ folderId: z.string(), paused: z.boolean() })).output(done),
    skipped: oc.input(page).output(z.object({ total: z.number().int(), rows: z.array(SkippedFile) })),
    openSamples: oc.output(z.object({ folderId: z.string() })),
    /**
     * Looks through a folder or a ZIP, by a handle as of addFolder; what is found is in importState, and events of type
     * folders tell when to ask.
     */
    importScan: oc.input(z.object({ handle: z.string() })).output(z.object({ importId: Id })),
    importState: oc.input(z.object({ importId: Id })).output(ImportState),
    /** Copies into the library, all or nothing, once every patient has a choice. */
    importStart: oc.input(z.object({ importId: Id, choices: z.array(ImportChoice) })).output(done),
    importCancel: oc.input(z.object({ importId: Id })).output(done),
    /** Folder chooser for hosts without a native dialog: names and opaque handles. No handle: the user's home. */
    browse: oc.input(z.object({ handle: z.string().optional() })).output(
      z.object({
        handle: z.string(),
        name: z.string(),
        parent: z.string().nullable(),
        folders: z.array(z.object({ handle: z.string(), name: z.string() })),
        /** ZIP files in it, for an import. */
        files: z.array(z.object({ handle: z.string(), name: z.string() })).default([]),
      }),
    ),
  },
  directory: {
    search: oc
      .input(z.object({ text: z.string(), limit: z.number().int().min(1).max(50).default(20) }))
      .output(z.array(RecipientView)),
    favourites: oc.output(z.array(RecipientView)),
    setFavourite: oc.input(z.object({ recipientId: z.string(), favourite: z.boolean() })).output(done),
  },
  sharing: {
    /** The department's policy and this staff member's remembered choices (U20). */
    defaults: oc.output(z.object({ policy: SharePolicy, twoFactor: z.boolean(), sendMail: z.boolean(), right: Right })),
    /** What a selection holds, whose it is, and what would be refused when anonymized. */
    review: oc
      .input(z.object({ selection: Selection, anonymize: z.boolean(), options: DeidentifyOptions.optional() }))
      .output(
        z.object({
          patients: z.array(z.object({ PatientName: z.string(), PatientID: z.string(), PatientBirthDate: z.string() })),
          studies: z.number().int(),
          series: z.number().int(),
          instances: z.number().int(),
          bytes: z.number().int(),
          refusals: z.array(Refusal),
          arriving: z.boolean(),
          /** What a person signed off and so is no refusal any more, by series. */
          signedOff: z.array(SignedOff).default([]),
        }),
      ),
    /**
     * What a person must see before these instances may leave de-identified (D5): every frame of each. @error the code
     * of what no look can lift, instance-not-found
     */
    lookAt: oc
      .input(
        z.object({ StudyInstanceUID: Uid, SeriesInstanceUID: Uid, SOPInstanceUIDs: z.array(Uid).min(1).max(20_000) }),
      )
      .output(
        z.object({
          images: z.array(LookImage),
          /**
           * Of an earlier sign-off of this series, else what lies outside the calibrated regions of an ultrasound
           * image.
           */
          proposals: z.array(PixelRegion),
          proposedBy: z.enum(['earlier', 'ultrasound', 'nothing']),
        }),
      ),
    /**
     * Records who looked, what is to be black, and that every frame was seen. @error file-changed, not-all-seen; what
     * lookAt throws
     */
    signOff: oc
      .input(
        z.object({
          StudyInstanceUID: Uid,
          SeriesInstanceUID: Uid,
          regions: z.array(PixelRegion).max(256),
          images: z
            .array(
              z.object({
                SOPInstanceUID: Uid,
                content: z.string(),
                framesSeen: z.array(z.number().int().min(1)).max(100_000),
              }),
            )
            .min(1)
            .max(20_000),
        }),
      )
      .output(done),
    /** D8: element by element, of one instance of each series, or of the one named. */
    deidentifyPreview: oc
      .input(z.object({ selection: Selection, SOPInstanceUID: Uid.optional(), options: DeidentifyOptions.optional() }))
      .output(z.object({ instances: z.array(DeidentifyPreview) })),
    preview: oc.input(ShareDraft).output(SharePreview),
    share: oc
      .input(ShareDraft)
      .output(z.object({ shareId: Id, state: z.literal('held'), undoUntil: Instant, confirmation: z.string() })),
    undo: oc.input(shareRef).output(done),
  },
  outbox: {
    list: oc.output(z.array(OutboxRow)),
    act: oc
      .input(
        z.object({
          shareId: Id,
          action: z.enum(['pause', 'resume', 'retry', 'cancel', 'send-now', 'move-up', 'move-down']),
        }),
      )
      .output(OutboxRow),
  },
  shares: {
    list: oc
      .input(page.extend({ StudyInstanceUID: Uid.optional(), state: z.string().optional() }))
      .output(z.object({ total: z.number().int(), rows: z.array(ShareStatus) })),
    /** Everything that happened to a share, oldest first. */
    history: oc.input(shareRef).output(z.array(ShareMoment)),
    withdraw: oc.input(shareRef).output(done),
    unblock: oc.input(shareRef.extend({ recipientId: z.string() })).output(done),
  },
  audit: {
    list: oc.input(page).output(z.object({ total: z.number().int(), rows: z.array(AuditEntryView) })),
    verify: oc.output(z.object({ entries: z.number().int(), head: z.string(), ok: z.boolean() })),
  },
  connection: {
    state: oc.output(
      z.object({
        online: z.boolean(),
        relayUrl: z.string().nullable(),
        lastContact: Instant.nullable(),
        reason: z.string().nullable(),
        waiting: z.number().int(),
      }),
    ),
  },
  settings: {
    /** Preferences of the signed-in staff member. */
    get: oc.output(
      z.object({ colorScheme: z.enum(['dark', 'light', 'auto']), language: Language, glovesMode: z.boolean() }),
    ),
    set: oc
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
