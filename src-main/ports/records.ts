/**
 * The ledger's records of a share, and what the steps of the outbox need of them. Records contain paths, so they stay
 * in the main process.
 */
import type { ConfirmRequest, SealedPart, Receipt, FeedEvent } from '../../src-core/contract/relay.ts'
import type { Language } from '../../src-core/contract/identifiers.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import type { ShareStatus } from '../../src-core/contract/shares.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import type { OutboxEvent, OutboxItem } from '../../src-core/sharing/outbox.ts'
import type { SelectedInstance } from './selected-instance.ts'

export type { SelectedInstance }

/** The person or program that acted. It is part of every record. */
export interface Actor {
  readonly staffId: string
  readonly name: string
  readonly organisationId: string
  readonly departmentId: string
  readonly workstationId: string
  /** The operating system's user who acted for the staff member from the command line, without a password. */
  readonly systemUser?: string
}

/** The detail that an audit entry adds for an act from the command line. */
export const howActed = ({ systemUser }: Pick<Actor, 'systemUser'>): Record<string, string> =>
  systemUser === undefined ? {} : { via: 'command-line', systemUser }

export interface ShareHead {
  readonly shareId: string
  readonly createdAt: string
  readonly actor: Actor
  readonly terms: ShareTerms
  readonly mailLanguage: Language
  /** The recipients as the directory had them when the person clicked Share. */
  readonly recipients: readonly DirectoryEntry[]
  readonly packageId: string | null
}

/** A share with its selection. 20,000 instances take 15 MB, so only a ShareHead is sent between threads. */
export interface ShareRecord extends ShareHead {
  /** Exactly the instances that were selected when the person clicked Share. */
  readonly instances: readonly SelectedInstance[]
}

/**
 * A prepared package. Its sealed parts are in the spool, in a folder named by its id. The private key of
 * the package is only in its account slots.
 */
export interface PackageRecord {
  readonly packageId: string
  readonly shareId: string
  readonly createdAt: string
  readonly manifestSha256: string
  readonly signature: string
  readonly ownerSlot: string
  readonly accountSlot: string
  readonly parts: readonly SealedPart[]
  /** Hash of the files from which the package was made; missing in packages of an earlier version. */
  readonly sourceSha256?: string | null
}

/** A command for the relay, sent at the next contact. Withdrawing and unblocking therefore work offline too. */
export interface RelayCommand {
  readonly commandId: number
  readonly kind: 'withdraw' | 'unblock'
  readonly shareId: string
  readonly recipientId: string | null
  /** Id of the staff member; in commands of version 1 the name. */
  readonly by: string
}

/** The ledger as sync uses it. Every change of importance writes its audit entry in the same transaction. */
export interface SyncLedger {
  /**
   * Items that a runner may take up now: urgent ones first, then by position. Held items whose Undo has lapsed become
   * queued by this call.
   */
  runnable(now: string): Promise<OutboxItem[]>
  /** Every item in the state waiting, so that contact can make it ready. */
  waiting(): Promise<OutboxItem[]>
  /** The item in its present state, from which the runner sees that a person paused or cancelled it. */
  item(shareId: string): Promise<OutboxItem>
  /** Applies one transition. @error not-in-this-state */
  apply(shareId: string, event: OutboxEvent, now: string): Promise<OutboxItem>
  /** Called at the start of the program: items that were under way start again from the data on disk. */
  restart(now: string): Promise<void>
  /** @error share-not-found */
  shareHead(shareId: string): Promise<ShareHead>
  /** The exams of a share as its mail lists them. @error share-not-found */
  exams(shareId: string): Promise<ConfirmRequest['exams']>
  /** Stores the package and moves the item to prepared, in one transaction. */
  savePackage(record: PackageRecord, now: string): Promise<OutboxItem>
  package(packageId: string): Promise<PackageRecord | null>
  /** Stores the confirm request of a package before it is sent. @returns the request that was stored first */
  keepConfirm(packageId: string, request: string): Promise<string>
  /** Stores the receipt and moves the item to delivered, in one transaction. */
  saveReceipt(receipt: Receipt, now: string): Promise<OutboxItem>
  feedCursor(): Promise<number>
  /**
   * Applies events of the feed and stores the cursor, in one transaction. An event that was applied before changes
   * nothing.
   */
  applyFeed(events: readonly FeedEvent[], now: string): Promise<void>
  commands(): Promise<RelayCommand[]>
  commandDone(commandId: number, now: string): Promise<void>
}

/** A share in the ledger. The wording of its end, and whether it is the reader's share, are added for each reader. */
export type ShareRow = Omit<ShareStatus, 'end' | 'own'> & { readonly staffId: string }
