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
  const { ledger, spool } = context
  const nowText = (): string => context.now().toISOString()

  async function connected(): Promise<RelayConnection> {
    const connection = await context.connection()
    if (!connection) throw new OutpostError('not-enrolled')
    return connection
  }

  async function packageOf(shareId: string): Promise<PackageRecord> {
    const { packageId } = await ledger.shareHead(shareId)
    const record = packageId === null ? null : await ledger.package(packageId)
    if (!record) throw new OutpostError('package-damaged', { at: 'record' })
    return record
  }

  async function prepare({ shareId }: OutboxItem, signal: AbortSignal): Promise<void> {
    const share = await ledger.shareHead(shareId)
    const earlier = share.packageId === null ? null : await ledger.package(share.packageId)
    const record = await context.prepare(share, {
      signal,
      earlierSource: earlier?.sourceSha256,
      onProgress: (instances) => progress.prepared(shareId, instances),
    })
    try {
      await ledger.savePackage(record, nowText())
    } catch (error) {
      // The item was cancelled or paused at the last moment, so the ledger does not know this package.
      await spool.remove(record.packageId)
      throw error
    }
    if (earlier) await spool.remove(earlier.packageId)
  }

  async function uploadOne(
    record: PackageRecord,
    part: SealedPart,
    onOffset: (offset: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await uploadFile(
      spool.partPath(record.packageId, part.name),
      { packageId: record.packageId, part },
      { connection: await connected(), signal, waiting: waitingWith(context.random), clock: context.clock, onOffset },
    )
  }

  async function uploadParts(record: PackageRecord, signal: AbortSignal): Promise<void> {
    const { shareId } = record
    progress.beginUpload(
      shareId,
      record.parts.reduce((sum, { size }) => sum + size, 0),
    )
    let before = 0
    for (const part of record.parts) {
      const base = before
      await uploadOne(record, part, (offset) => progress.sent(shareId, base + offset), signal)
      before += part.size
    }
  }

  async function upload({ shareId }: OutboxItem, signal: AbortSignal): Promise<OutboxItem> {
    await uploadParts(await packageOf(shareId), signal)
    return ledger.apply(shareId, { type: 'uploaded' }, nowText())
  }

  async function confirm({ shareId }: OutboxItem, signal: AbortSignal): Promise<void> {
    const record = await packageOf(shareId)
    const connection = await connected()
    const share = await ledger.shareHead(shareId)
    checkRelayCan(connection.protocol, share)
    const relay = relayClient(connection)
    // A request that was sent once is repeated byte for byte, also by a newer version of this program.
    const kept = await ledger.keepConfirm(
      record.packageId,
      JSON.stringify(confirmRequest(share, record, await ledger.exams(shareId), connection.protocol)),
    )
    const request = parseJson(kept, KeptRequest, 'ledger-damaged')
    const receipt = await relay.confirm(request).catch(async (error: unknown) => {
      if (!LOST_UPLOAD.has(codeOf(error))) throw error
      // A part that the relay had acknowledged is missing or incomplete there, so it is sent again.
      await uploadParts(record, signal)
      return relay.confirm(request)
    })
    if (!receiptMatches(receipt, record)) throw new OutpostError('receipt-mismatch', { shareId })
    await ledger.saveReceipt(receipt, nowText())
    // The spool is cleared only now: until the receipt is stored, its copy is the only certain one.
    await spool.remove(record.packageId)
    progress.forget(shareId)
    context.emit({ type: 'shares' })
  }

  return {
    async run(item, signal) {
      if (item.state === 'preparing') await prepare(item, signal)
      else if (item.state === 'uploading') await confirm(await upload(item, signal), signal)
      else if (item.state === 'confirming') await confirm(item, signal)
    },
  }
}
