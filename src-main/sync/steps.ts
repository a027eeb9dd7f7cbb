/**
 * The steps of an outbox item. Each is idempotent: after a kill at any point it starts again from the data on disk and
 * the relay's answers.
 */
import { z } from 'zod'
import { Id } from '../../src-core/contract/identifiers.ts'
import { OutpostError, codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { ConfirmRequest, SealedPart } from '../../src-core/contract/relay.ts'
import { parseJson } from '../../src-core/parse-json.ts'
import type { OutboxItem } from '../../src-core/sharing/outbox.ts'
import type { PackageRecord } from '../ports/records.ts'
import { waitingWith } from './backoff.ts'
import { checkRelayCan, confirmRequest, receiptMatches } from './confirm-request.ts'
import type { ProgressTracker } from './progress.ts'
import type { RelayConnection } from './relay-address.ts'
import { relayClient } from './relay-client.ts'
import type { SyncContext } from './sync-context.ts'
import { uploadFile } from './upload-file.ts'

/**
 * A stored confirm request. The relay recognises a retry by its bytes, so only the JSON type is checked: parsing it
 * with ConfirmRequest would reorder its keys, and refuse requests of an earlier version.
 */
const KeptRequest = z.custom<ConfirmRequest>(
  (value) => z.object({ shareId: Id, packageId: Id }).safeParse(value).success,
)

/** Answers of confirm when the relay does not have a part as it was sent. */
const LOST_UPLOAD: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'upload-not-found',
  'offset-mismatch',
  'checksum-mismatch',
])

export interface Steps {
  /** Continues the item from its present step until it is prepared or delivered. */
  run(item: OutboxItem, signal: AbortSignal): Promise<void>
}

export function outboxSteps(context: SyncContext, progress: ProgressTracker): Steps {
  return new OutboxSteps(context, progress)
}

class OutboxSteps implements Steps {
  readonly #context: SyncContext
  readonly #progress: ProgressTracker

  constructor(context: SyncContext, progress: ProgressTracker) {
    this.#context = context
    this.#progress = progress
  }

  async run(item: OutboxItem, signal: AbortSignal): Promise<void> {
    if (item.state === 'preparing') await this.#prepare(item, signal)
    else if (item.state === 'uploading') await this.#confirm(await this.#upload(item, signal), signal)
    else if (item.state === 'confirming') await this.#confirm(item, signal)
  }

  #now(): string {
    return this.#context.now().toISOString()
  }

  async #connected(): Promise<RelayConnection> {
    const connection = await this.#context.connection()
    if (!connection) throw new OutpostError('not-enrolled')
    return connection
  }

  async #packageOf(shareId: string): Promise<PackageRecord> {
    const { packageId } = await this.#context.ledger.shareHead(shareId)
    const record = packageId === null ? null : await this.#context.ledger.package(packageId)
    if (!record) throw new OutpostError('package-damaged', { at: 'record' })
    return record
  }

  async #prepare({ shareId }: OutboxItem, signal: AbortSignal): Promise<void> {
    const share = await this.#context.ledger.shareHead(shareId)
    const earlier = share.packageId === null ? null : await this.#context.ledger.package(share.packageId)
    const record = await this.#context.prepare(share, {
      signal,
      earlierSource: earlier?.sourceSha256,
      onProgress: (instances) => this.#progress.prepared(shareId, instances),
    })
    try {
      await this.#context.ledger.savePackage(record, this.#now())
    } catch (error) {
      // The item was cancelled or paused at the last moment, so the ledger does not know this package.
      await this.#context.spool.remove(record.packageId)
      throw error
    }
    if (earlier) await this.#context.spool.remove(earlier.packageId)
  }

  async #uploadOne(
    record: PackageRecord,
    part: SealedPart,
    onOffset: (offset: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await uploadFile(
      this.#context.spool.partPath(record.packageId, part.name),
      { packageId: record.packageId, part },
      {
        connection: await this.#connected(),
        signal,
        waiting: waitingWith(this.#context.random),
        clock: this.#context.clock,
        onOffset,
      },
    )
  }

  async #uploadParts(record: PackageRecord, signal: AbortSignal): Promise<void> {
    const { shareId } = record
    this.#progress.beginUpload(
      shareId,
      record.parts.reduce((sum, { size }) => sum + size, 0),
    )
    let before = 0
    for (const part of record.parts) {
      const base = before
      await this.#uploadOne(record, part, (offset) => this.#progress.sent(shareId, base + offset), signal)
      before += part.size
    }
  }

  async #upload({ shareId }: OutboxItem, signal: AbortSignal): Promise<OutboxItem> {
    await this.#uploadParts(await this.#packageOf(shareId), signal)
    return this.#context.ledger.apply(shareId, { type: 'uploaded' }, this.#now())
  }

  async #confirm({ shareId }: OutboxItem, signal: AbortSignal): Promise<void> {
    const record = await this.#packageOf(shareId)
    const connection = await this.#connected()
    const share = await this.#context.ledger.shareHead(shareId)
    checkRelayCan(connection.protocol, share)
    const relay = relayClient(connection)
    // A request that was sent once is repeated byte for byte, also by a newer version of this program.
    const stored = await this.#context.ledger.keepConfirm(
      record.packageId,
      JSON.stringify(confirmRequest(share, record, await this.#context.ledger.exams(shareId), connection.protocol)),
    )
    const request = parseJson(stored, KeptRequest, 'ledger-damaged')
    const receipt = await relay.confirm(request).catch(async (error: unknown) => {
      if (!LOST_UPLOAD.has(codeOf(error))) throw error
      // A part that the relay had acknowledged is missing or incomplete there, so it is sent again.
      await this.#uploadParts(record, signal)
      return relay.confirm(request)
    })
    if (!receiptMatches(receipt, record)) throw new OutpostError('receipt-mismatch', { shareId })
    await this.#context.ledger.saveReceipt(receipt, this.#now())
    // The spool is cleared only now: until the receipt is stored, its copy is the only certain one.
    await this.#context.spool.remove(record.packageId)
    this.#progress.forget(shareId)
    this.#context.emit({ type: 'shares' })
  }
}
