/**
 * The ledger that sync uses, in memory: it has the same transitions, and a test can read everything that was written.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { ConfirmRequest, FeedEvent, Receipt } from '../../src-core/contract/relay.ts'
import { UNDO_MS, type OutboxEvent, type OutboxItem } from '../../src-core/sharing/outbox.ts'
import { timeHasCome } from '../../src-core/time-has-come.ts'
import { examLines } from '../../src-core/sharing/notice.ts'
import { transition } from '../../src-core/sharing/transition.ts'
import type { PackageRecord, RelayCommand, ShareHead, ShareRecord, SyncLedger } from '../../src-main/ports/records.ts'

export class MemoryLedger implements SyncLedger {
  readonly items = new Map<string, OutboxItem>()
  readonly shares = new Map<string, ShareRecord>()
  readonly packages = new Map<string, PackageRecord>()
  readonly receipts = new Map<string, Receipt>()
  readonly confirms = new Map<string, string>()
  readonly told: FeedEvent[] = []
  readonly states: string[] = []
  toTell: RelayCommand[] = []
  cursor = 0

  /** Adds a share whose time for Undo is over, or that is held until then. */
  add(share: ShareRecord, undoUntil: string | null = null): void {
    this.shares.set(share.shareId, share)
    this.items.set(share.shareId, {
      shareId: share.shareId,
      state: undoUntil === null ? 'queued' : 'held',
      step: 'prepare',
      reason: null,
      waitingUntil: null,
      undoUntil,
      attempts: 0,
      since: share.createdAt,
    })
  }

  state(shareId: string): string {
    return this.items.get(shareId)?.state ?? 'unknown'
  }

  async runnable(now: string): Promise<OutboxItem[]> {
    for (const { shareId, state, undoUntil } of this.items.values())
      if (state === 'held' && (undoUntil === null || timeHasCome(undoUntil, now, UNDO_MS)))
        await this.apply(shareId, { type: 'undo-lapsed' }, now)
    const urgent = (item: OutboxItem): number => (this.shares.get(item.shareId)?.terms.urgent ? 0 : 1)
    return [...this.items.values()]
      .filter(({ state }) => state === 'queued' || state === 'prepared')
      .toSorted((first, second) => urgent(first) - urgent(second))
  }

  async waiting(): Promise<OutboxItem[]> {
    return [...this.items.values()].filter(({ state }) => state === 'waiting')
  }

  async item(shareId: string): Promise<OutboxItem> {
    const item = this.items.get(shareId)
    if (!item) throw new OutpostError('share-not-found')
    return item
  }

  async apply(shareId: string, event: OutboxEvent, now: string): Promise<OutboxItem> {
    const moved = transition(await this.item(shareId), event, now)
    this.items.set(shareId, moved)
    this.states.push(moved.state)
    return moved
  }

  async restart(now: string): Promise<void> {
    for (const shareId of this.items.keys()) await this.apply(shareId, { type: 'restarted' }, now)
  }

  async share(shareId: string): Promise<ShareRecord> {
    const share = this.shares.get(shareId)
    if (!share) throw new OutpostError('share-not-found')
    return share
  }

  async shareHead(shareId: string): Promise<ShareHead> {
    const { instances: _, ...head } = await this.share(shareId)
    return head
  }

  async exams(shareId: string): Promise<ConfirmRequest['exams']> {
    const { instances, terms } = await this.share(shareId)
    return examLines(instances, terms.anonymize)
  }

  async savePackage(record: PackageRecord, now: string): Promise<OutboxItem> {
    const moved = await this.apply(record.shareId, { type: 'prepared' }, now)
    this.packages.set(record.packageId, record)
    this.shares.set(record.shareId, { ...(await this.share(record.shareId)), packageId: record.packageId })
    return moved
  }

  async package(packageId: string): Promise<PackageRecord | null> {
    return this.packages.get(packageId) ?? null
  }

  async keepConfirm(packageId: string, request: string): Promise<string> {
    if (!this.confirms.has(packageId)) this.confirms.set(packageId, request)
    return this.confirms.get(packageId) as string
  }

  async saveReceipt(receipt: Receipt, now: string): Promise<OutboxItem> {
    const moved = await this.apply(receipt.shareId, { type: 'confirmed' }, now)
    this.receipts.set(receipt.shareId, receipt)
    return moved
  }

  async feedCursor(): Promise<number> {
    return this.cursor
  }

  async applyFeed(events: readonly FeedEvent[]): Promise<void> {
    for (const event of events) {
      if (event.cursor <= this.cursor) continue
      this.told.push(event)
      this.cursor = event.cursor
    }
  }

  async commands(): Promise<RelayCommand[]> {
    return this.toTell.filter(({ shareId }) => this.items.get(shareId)?.state !== 'confirming')
  }

  async commandDone(commandId: number): Promise<void> {
    this.toTell = this.toTell.filter((command) => command.commandId !== commandId)
  }
}
