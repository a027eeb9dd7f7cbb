import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Receipt } from '../../src-core/contract/relay.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import type { OutboxEvent } from '../../src-core/sharing/outbox.ts'
import type { PackageRecord, ShareRecord } from '../../src-main/ports/records.ts'
import { SelectedInstance } from '../../src-main/ports/selected-instance.ts'
import { codeOfFailure } from '../integration/relay-support.ts'
import { sampleShare } from '../support/sample-share.ts'
import { ledgers, type LedgerUnderTest } from './ledgers.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 10, 21, 10, 0, second)).toISOString()
const LAPSED = at(60)
const NOBODY = randomUUID()
const INSTANCE = SelectedInstance.parse({
  StudyInstanceUID: '1.2.3',
  SeriesInstanceUID: '1.2.3.1',
  SOPInstanceUID: '1.2.3.1.1',
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  PatientName: 'SAMPLE^Patient',
  kind: 'image',
})

const packageOf = ({ shareId }: ShareRecord): PackageRecord => ({
  packageId: randomUUID(),
  shareId,
  createdAt: LAPSED,
  manifestSha256: 'a'.repeat(64),
  signature: 'c2lnbmF0dXJl',
  ownerSlot: 'b3duZXI',
  accountSlot: 'YWNjb3VudA',
  parts: [{ name: 'manifest', size: 10, sha256: 'b'.repeat(64) }],
  sourceSha256: null,
})

const receiptOf = ({ packageId, shareId, parts }: PackageRecord): Receipt => ({
  shareId,
  packageId,
  deliveredAt: at(90),
  expiresAt: null,
  parts: [...parts],
  grants: [{ recipientId: 'recipient-1', grantId: randomUUID() }],
})

describe.each(ledgers)('ledger: $name', ({ open }) => {
  let under: LedgerUnderTest
  beforeEach(() => {
    under = open()
  })
  afterEach(() => under.close())

  async function share(terms: Partial<ShareTerms> = {}): Promise<ShareRecord> {
    const record = sampleShare([INSTANCE], terms)
    await under.hold(record, at(10))
    return record
  }

  /** Makes a share whose time for Undo is over. */
  async function queued(terms: Partial<ShareTerms> = {}): Promise<ShareRecord> {
    const record = await share(terms)
    await under.ledger.runnable(LAPSED)
    return record
  }

  async function prepared(record: ShareRecord): Promise<PackageRecord> {
    const sealed = packageOf(record)
    await under.ledger.apply(record.shareId, { type: 'started' }, LAPSED)
    await under.ledger.savePackage(sealed, LAPSED)
    return sealed
  }

  async function confirming(record: ShareRecord): Promise<PackageRecord> {
    const sealed = await prepared(record)
    await under.ledger.apply(record.shareId, { type: 'started' }, LAPSED)
    await under.ledger.apply(record.shareId, { type: 'uploaded' }, LAPSED)
    return sealed
  }

  it('X4: a held share is runnable once its Undo has lapsed, and not a moment before', async () => {
    const { shareId } = await share()
    expect(await under.ledger.runnable(at(9))).toEqual([])
    expect(await under.ledger.item(shareId)).toMatchObject({ state: 'held', undoUntil: at(10) })
    expect(await under.ledger.runnable(LAPSED)).toMatchObject([{ shareId, state: 'queued', step: 'prepare' }])
  })

  it('S1: urgent shares are runnable first, then those that were shared first', async () => {
    const shares = [await share(), await share({ urgent: true }), await share(), await share({ urgent: true })]
    const order = (await under.ledger.runnable(LAPSED)).map(({ shareId }) => shareId)
    expect(order).toEqual([1, 3, 0, 2].map((index) => shares[index]?.shareId))
  })

  it('S3: what a ledger does not know is share-not-found, and never an empty answer', async () => {
    const { ledger } = under
    for (const work of [
      ledger.item(NOBODY),
      ledger.shareHead(NOBODY),
      ledger.exams(NOBODY),
      ledger.apply(NOBODY, { type: 'started' }, LAPSED),
    ])
      expect(await codeOfFailure(work)).toBe('share-not-found')
    expect(await ledger.package(NOBODY)).toBeNull()
  })

  it('S1: the head of a share is as it was shared, without the images', async () => {
    const { instances: _, ...head } = await share()
    expect(await under.ledger.shareHead(head.shareId)).toEqual(head)
    expect(await under.ledger.exams(head.shareId)).toMatchObject([{ instances: 1 }])
  })

  it('S2: a package is kept with the move to prepared, and the head of its share names it', async () => {
    const record = await queued()
    const sealed = await prepared(record)
    expect(await under.ledger.item(record.shareId)).toMatchObject({ state: 'prepared', step: 'upload' })
    expect(await under.ledger.package(sealed.packageId)).toEqual(sealed)
    expect((await under.ledger.shareHead(record.shareId)).packageId).toBe(sealed.packageId)
  })

  it('S2: a package of a share that is not being prepared is refused, and nothing of it is kept', async () => {
    const sealed = packageOf(await queued())
    expect(await codeOfFailure(under.ledger.savePackage(sealed, LAPSED))).toBe('not-in-this-state')
    expect(await under.ledger.package(sealed.packageId)).toBeNull()
    expect((await under.ledger.shareHead(sealed.shareId)).packageId).toBeNull()
  })

  it('S3: what confirm says is what it said the first time', async () => {
    const { packageId } = await confirming(await queued())
    expect(await under.ledger.keepConfirm(packageId, '{"first":1}')).toBe('{"first":1}')
    expect(await under.ledger.keepConfirm(packageId, '{"second":2}')).toBe('{"first":1}')
  })

  it('S4: a receipt delivers a share that is being confirmed; again it changes nothing', async () => {
    const record = await queued()
    const receipt = receiptOf(await confirming(record))
    expect(await under.ledger.saveReceipt(receipt, at(91))).toMatchObject({ state: 'delivered' })
    const delivered = await under.ledger.item(record.shareId)
    await under.ledger.saveReceipt(receipt, at(95))
    expect(await under.ledger.item(record.shareId)).toEqual(delivered)
    expect(await under.ledger.runnable(at(99))).toEqual([])
  })

  it('S2: a start takes up again exactly what was under way', async () => {
    const [waiting, running, resting] = [await queued(), await queued(), await queued()]
    await under.ledger.apply(waiting.shareId, { type: 'wait', reason: 'offline', until: null }, LAPSED)
    await under.ledger.apply(running.shareId, { type: 'started' }, LAPSED)
    await under.ledger.restart(at(70))
    expect((await under.ledger.runnable(at(70))).map(({ shareId }) => shareId)).toEqual([
      running.shareId,
      resting.shareId,
    ])
    expect(await under.ledger.waiting()).toMatchObject([{ shareId: waiting.shareId, reason: 'offline' }])
  })

  it('S9: the cursor stands after the last event, and an event that was seen before moves it nowhere', async () => {
    const event = (cursor: number) => ({
      cursor,
      at: at(cursor),
      type: 'policy' as const,
      shareId: null,
      recipientId: null,
      reason: null,
    })
    expect(await under.ledger.feedCursor()).toBe(0)
    await under.ledger.applyFeed([event(3), event(5)], at(60))
    await under.ledger.applyFeed([event(4)], at(61))
    expect(await under.ledger.feedCursor()).toBe(5)
  })

  it('U23: a withdrawal waits while its share is being confirmed, and is told until it is done', async () => {
    const record = await queued()
    const receipt = receiptOf(await confirming(record))
    await under.withdraw(record.shareId, at(80))
    expect(await under.ledger.commands()).toEqual([])
    await under.ledger.saveReceipt(receipt, at(91))
    const [command] = await under.ledger.commands()
    expect(command).toMatchObject({ kind: 'withdraw', shareId: record.shareId, recipientId: null, by: 'staff-1' })
    await under.ledger.commandDone(command!.commandId, at(92))
    expect(await under.ledger.commands()).toEqual([])
  })
})

describe('both ledgers', () => {
  const events: readonly OutboxEvent[] = [
    { type: 'undo-lapsed' },
    { type: 'started' },
    { type: 'uploaded' },
    { type: 'wait', reason: 'offline', until: null },
    { type: 'ready' },
    { type: 'failed', reason: 'relay-refused' },
    { type: 'retry' },
    { type: 'pause' },
    { type: 'resume' },
    { type: 'cancel' },
    { type: 'restarted' },
  ]

  it('S1: the same events leave the same item in each, and are refused by the same code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...events), { minLength: 1, maxLength: 12 }), async (happening) => {
        const record = sampleShare([INSTANCE])
        const toldEvents = await Promise.all(
          ledgers.map(async ({ open }) => {
            const { ledger, hold, close } = open()
            await hold(record, at(10))
            const results: unknown[] = []
            for (const [index, event] of happening.entries())
              results.push(
                await ledger
                  .apply(record.shareId, event, at(60 + index))
                  .catch((error: unknown) => (error as { code?: string }).code),
              )
            results.push(await ledger.item(record.shareId), await ledger.runnable(at(90)), await ledger.waiting())
            await close()
            return results
          }),
        )
        expect(toldEvents[0]).toEqual(toldEvents[1])
      }),
      { seed: 20_261_127, numRuns: 25 },
    )
  })
})
