/** The configuration of a relay, and the services that its parts share. */
import type { Imaging } from '../../src-engine/imaging.ts'
import type { SmtpSettings, TextGateway } from './channels.ts'
import type { Database, OpenDatabase } from './database.ts'
import type { GrantEndings } from './grant-endings.ts'
import type { Jobs } from './jobs.ts'
import type { Notifications } from './notifications.ts'
import type { ObjectStore } from './objects.ts'

/** The limits of a workstation's uploads that no share was confirmed with yet. */
export interface UploadQuota {
  /** The number of uploads. A package has at most four, and a workstation sends one package after the other. */
  readonly count: number
  /** The sum of the announced lengths. */
  readonly bytes: number
}

export interface RelayKeys {
  /** 32 bytes. The keys of a share are derived from this key and the share's server secret. */
  readonly relayKey: Buffer
  /** The age identity that opens account slots in requests. `recipient` is its public half. */
  readonly identity: string
  readonly recipient: string
}

/** The database connections of one process when nothing is configured. */
export const DEFAULT_CONNECTIONS = 25
/** The smallest number of database connections that a process can work with. */
export const FEWEST_CONNECTIONS = 10

export interface RelayConfig {
  /** An embedded database in a folder, or a database of the operator at postgres://… */
  readonly database: { readonly embedded: string } | { readonly url: string }
  /**
   * The largest number of database connections of this process; DEFAULT_CONNECTIONS when absent. The sum over all
   * processes of a relay must be below PostgreSQL's max_connections.
   */
  readonly connections?: number
  /** `freeBytes` returns the bytes that can still be written; when absent, the file system of the folder is asked. */
  readonly objects: { readonly folder: string; readonly freeBytes?: () => Promise<number> }
  /** The quota of each workstation; DEFAULT_QUOTA when absent. */
  readonly uploadQuota?: UploadQuota
  /**
   * The file of the relay's own keys (0600). The default is relay-keys.json in the folder of the embedded database, or
   * else in the folder above the objects.
   */
  readonly keysFile?: string
  /** The beginning of recipients' links, without a slash at the end. */
  readonly publicUrl: string
  /** A JSON file of organisations, departments, staff and directories; see directory/seed.ts. */
  readonly seed?: string
  readonly smtp?: SmtpSettings
  readonly sms?: TextGateway
  /** The seconds before a notice is tried again; they double with each try, up to an hour. 30 when absent. */
  readonly retrySeconds?: number
  /** The built pages of src-portal. */
  readonly pageFolder?: string
  /** The folder resources/messages. */
  readonly messagesFolder: string
  readonly now?: () => Date
  /** Is called for unexpected failures, with their kind and place in the program, never with data of the request. */
  readonly log?: (line: string) => void
  /** When absent, the relay starts a pool of decode processes. */
  readonly imaging?: Imaging
  /**
   * Whether this is a demonstration: the enrolment code is written to a file, and the page at /outbox shows mails and
   * text messages instead of sending them.
   */
  readonly demonstration?: boolean
}

/** The services that every part of the relay gets. */
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
