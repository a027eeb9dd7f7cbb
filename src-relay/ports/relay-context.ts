/** What a relay is started with, and what its parts share. */
import type { Imaging } from '../../src-engine/imaging.ts'
import type { SmtpSettings, TextGateway } from './channels.ts'
import type { Database, OpenDatabase } from './database.ts'
import type { GrantEndings } from './grant-endings.ts'
import type { Jobs } from './jobs.ts'
import type { Notifications } from './notifications.ts'
import type { ObjectStore } from './objects.ts'

/** What a workstation may have begun and not yet confirmed a share with. */
export interface UploadQuota {
  /** Uploads. A package has four at most, and a workstation sends one package after the other. */
  readonly count: number
  /** Bytes as announced. */
  readonly bytes: number
}

export interface RelayKeys {
  /** 32 bytes: one half of every key that the relay derives; the other is the share's server secret. */
  readonly relayKey: Buffer
  /** age identity that account slots are sent to, and its recipient. */
  readonly identity: string
  readonly recipient: string
}

/** Connections to the database: of one process when nothing is configured, and the fewest that a process works with. */
export const DEFAULT_CONNECTIONS = 25
export const FEWEST_CONNECTIONS = 10

export interface RelayConfig {
  /** A database of its own in a folder, or yours at postgres://… */
  readonly database: { readonly embedded: string } | { readonly url: string }
  /**
   * Connections to the database that this process opens at most; absent: DEFAULT_CONNECTIONS. All processes of a relay
   * together need fewer than PostgreSQL's max_connections.
   */
  readonly connections?: number
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
  readonly notifications: Notifications
}
