/**
 * What the ledger keeps of a share, and what the steps of the outbox need of it. Main process only: these hold paths.
 */
import type { ConfirmRequest, SealedPart, Receipt, FeedEvent } from '../../src-core/contract/relay.ts'
import type { Language } from '../../src-core/contract/identifiers.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import type { ShareStatus } from '../../src-core/contract/shares.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import type { OutboxEvent, OutboxItem } from '../../src-core/sharing/outbox.ts'
import type { SelectedInstance } from './selected-instance.ts'

export type { SelectedInstance }

/** Who acted, on every record. */
export interface Actor {
  readonly staffId: string
  readonly name: string
  readonly organisationId: string
  readonly departmentId: string
  readonly workstationId: string
  /** The operating system's user who acted in their name from the command line, without their password. */
  readonly systemUser?: string
}

/** What the log adds to an act that came from the command line. */
export const howActed = ({ systemUser }: Pick<Actor, 'systemUser'>): Record<string, string> =>
  systemUser === undefined ? {} : { via: 'command-line', systemUser }

export interface ShareHead {
  readonly shareId: string
  readonly createdAt: string
  readonly actor: Actor
  readonly terms: ShareTerms
  readonly mailLanguage: Language
  /** As the directory said at the click. */
  readonly recipients: readonly DirectoryEntry[]
  readonly packageId: string | null
}

/** A share with its selection: 20,000 instances are 15 MB, so that it crosses between threads only as a ShareHead. */
export interface ShareRecord extends ShareHead {
  /** Exactly what was selected at the click. */
  readonly instances: readonly SelectedInstance[]
}

/** A prepared package: sealed parts lie in the spool under its id. The identity is kept only inside the slots. */
export interface PackageRecord {
  readonly packageId: string
  readonly shareId: string
  readonly createdAt: string
  readonly manifestSha256: string
  readonly signature: string
  readonly ownerSlot: string
  readonly accountSlot: string
  readonly parts: readonly SealedPart[]
  /** Of the files that it was made from; missing in packages of an earlier version. */
  readonly sourceSha256?: string | null
}

/** A thing to tell the relay at the next contact: withdraw and unblock work offline too. */
export interface RelayCommand {
  readonly commandId: number
  readonly kind: 'withdraw' | 'unblock'
  readonly shareId: string
  readonly recipientId: string | null
  /** The id of the staff member; their name in commands of version 1. */
  readonly by: string
}

/** The ledger as sync sees it. Every change that matters writes its audit entry in the same transaction. */
export interface SyncLedger {
  /**
   * Items that a runner may take up now: urgent ones first, then by position; held ones whose Undo has lapsed become
   * queued on the way.
   */
  runnable(now: string): Promise<OutboxItem[]>
  /** Every item in the state waiting, so that contact can make it ready. */
  waiting(): Promise<OutboxItem[]>
  /** The item as it stands: tells the runner that a person paused or cancelled what is under way. */
  item(shareId: string): Promise<OutboxItem>
  /** One transition. @error not-in-this-state */
  apply(shareId: string, event: OutboxEvent, now: string): Promise<OutboxItem>
  /** At start: whatever was under way starts again from what is on disk. */
  restart(now: string): Promise<void>
  /** @error share-not-found */
  shareHead(shareId: string): Promise<ShareHead>
  /** The exams of a share as its mail names them. @error share-not-found */
  exams(shareId: string): Promise<ConfirmRequest['exams']>
  /** Stores the package and moves the item to prepared, in one transaction. */
  savePackage(record: PackageRecord, now: string): Promise<OutboxItem>
  package(packageId: string): Promise<PackageRecord | null>
  /**
   * Keeps what confirm says of a package, before it is said. @returns what was kept the first time
   */
  keepConfirm(packageId: string, request: string): Promise<string>
  /** Stores the receipt and moves the item to delivered, in one transaction. */
  saveReceipt(receipt: Receipt, now: string): Promise<OutboxItem>
  feedCursor(): Promise<number>
  /** Applies what came back and the cursor, in one transaction; an event seen before changes nothing. */
  applyFeed(events: readonly FeedEvent[], now: string): Promise<void>
  commands(): Promise<RelayCommand[]>
  commandDone(commandId: number, now: string): Promise<void>
}

/** A share as the ledger knows it; how its end is told, and whose it is, depends on who asks. */
export type ShareRow = Omit<ShareStatus, 'end' | 'own'> & { readonly staffId: string }
