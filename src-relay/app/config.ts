/** What a relay is started with, and what its parts share. */
import type { Imaging } from '../../src-engine/imaging.ts'
import type { GrantEndings } from '../gates/grant-endings.ts'
import type { Jobs } from '../notices/jobs.ts'
import type { SmtpSettings, TextGateway } from '../notices/channels.ts'
import type { Database, OpenDatabase } from '../storage/database.ts'
import type { ObjectStore } from '../storage/objects.ts'
import type { UploadQuota } from '../uploads/upload-room.ts'
import type { RelayKeys } from './keys.ts'

export interface RelayConfig {
  /** A database of its own in a folder, or yours at postgres://… */
  readonly database: { readonly embedded: string } | { readonly url: string }
  /** freeBytes: bytes that may still be written; absent: what the file system of the folder says. */
  readonly objects: { readonly folder: string; readonly freeBytes?: () => Promise<number> }
  /** Per workstation; absent: DEFAULT_QUOTA. */
  readonly uploadQuota?: UploadQuota
  /**
   * The relay's own keys (0600). Default: relay-keys.json beside the embedded database, else in the folder above the
   * objects.
   */
  readonly keysFile?: string
  /** What recipients' links begin with, without a slash at the end. */
  readonly publicUrl: string
  /** A JSON file of organisations, departments, staff and directories; see directory/seed.ts. */
  readonly seed?: string
  readonly smtp?: SmtpSettings
  readonly sms?: TextGateway
  /** Seconds before a notice is tried a second time, doubled from then on up to an hour; 30 when absent. */
  readonly retrySeconds?: number
  /** The built pages of src-portal. */
  readonly pageFolder?: string
  /** resources/messages. */
  readonly messagesFolder: string
  readonly now?: () => Date
  /** Told of unexpected failures: what kind and where in the program, never what was asked. Absent: nobody is. */
  readonly log?: (line: string) => void
  /** Absent: a pool of decode processes of the relay's own. */
  readonly imaging?: Imaging
  /**
   * Sample organisation: the enrolment code is left in a file, and mails and text messages land in a page at /outbox.
   */
  readonly demonstration?: boolean
}

/** What every part of the relay is given. Nothing in it outlives the process. */
export interface RelayContext {
  readonly config: RelayConfig
  readonly db: Database
  readonly pool: OpenDatabase['pool']
  readonly lockPool: OpenDatabase['lockPool']
  readonly objects: ObjectStore
  readonly keys: RelayKeys
  readonly now: () => Date
  readonly jobs: Jobs
  readonly endings: GrantEndings
}
