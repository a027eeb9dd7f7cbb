import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { pictureOf, samplePrepare, sampleShare } from '../../tests/support/sample-share.ts'
import { selectedInstance } from '../../tests/support/selected-instances.ts'
import { writeSlice } from '../../tests/support/sync-station.ts'
import { openRepositories } from '../storage/repositories.ts'
import type { PrepareOrder } from './prepare-messages.ts'
import { openSpool } from './prepare-spool.ts'
import { prepareInThread, type PreparerOptions } from './preparer.ts'
import type { SelectedInstance } from '../ports/records.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'outpost-preparer-'))
afterAll(() => rmSync(folder, { recursive: true }))

const slices = (count: number): SelectedInstance[] =>
  Array.from({ length: count }, (_, index) =>
    selectedInstance(writeSlice(path.join(folder, 'files'), { study: '2.25.1', series: '2.25.2', number: index + 1 })),
  )

/** Commits a share in the ledger of a new data folder, and returns the order to prepare it. */
async function ordered(instances: readonly SelectedInstance[], anonymize = false): Promise<PrepareOrder> {
  const dataFolder = mkdtempSync(path.join(folder, 'data-'))
  const { repositories, close } = openRepositories(dataFolder)
  const record = sampleShare(instances, { anonymize })
  repositories.ledger.commit({ record, stars: [], undoUntil: record.createdAt })
  close()
  const { context } = await samplePrepare(dataFolder)
  const { keys, words } = context
  const createdAt = '2026-11-21T10:00:00.000Z'
  return {
    dataFolder,
    shareId: record.shareId,
    keys,
    words,
    uidKey: new Uint8Array(32),
    earlierSource: null,
    createdAt,
  }
}

const options = (given: Partial<PreparerOptions> = {}): PreparerOptions => ({
  entry: new URL('./prepare-thread.ts', import.meta.url),
  imaging: pictureOf('grey'),
  signal: new AbortController().signal,
  onProgress: () => {},
  ...given,
})
const spoolOf = ({ dataFolder }: PrepareOrder): string[] => readdirSync(path.join(dataFolder, 'spool'))

/** Milliseconds. Each start of the thread loads the modules for sealing: seconds on a busy machine. */
const STARTS = 120_000

describe('the thread that prepares a share', { timeout: STARTS }, () => {
  it('S1: a share is prepared from the ledger, with previews of the main thread, into the spool', async () => {
    const order = await ordered(slices(5), true)
    const told: number[] = []
    const { record, previewsFailed } = await prepareInThread(order, options({ onProgress: (done) => told.push(done) }))
    expect(record).toMatchObject({ shareId: order.shareId, createdAt: order.createdAt })
    expect(previewsFailed.size).toBe(0)
    expect(told).toEqual([1, 2, 3, 4, 5])
    expect(await openSpool(path.join(order.dataFolder, 'spool')).packages()).toEqual([record.packageId])
  })

  it('S1: pictures that fail are counted by their code, and the package is made', async () => {
    const { previewsFailed } = await prepareInThread(
      await ordered(slices(3)),
      options({ imaging: pictureOf('nothing') }),
    )
    expect([...previewsFailed]).toEqual([['internal', { unexpected: 3, expected: 0 }]])
  })

  it('S1: a file that is gone is named by its code across the thread, and nothing stays in the spool', async () => {
    const [instance] = slices(1)
    rmSync(instance!.path)
    const order = await ordered([instance!])
    await expect(prepareInThread(order, options())).rejects.toMatchObject({
      code: 'file-gone',
      detail: { SOPInstanceUID: instance!.SOPInstanceUID },
    })
    expect(spoolOf(order)).toEqual([])
  })

  it('S1: cancelled at any moment, the thread ends by itself and leaves nothing in the spool', async () => {
    const order = await ordered(slices(4))
    for (const moment of [0, 2, 4]) {
      const cancelling = new AbortController()
      const work = prepareInThread(
        order,
        options({ signal: cancelling.signal, onProgress: (done) => done === moment && cancelling.abort() }),
      )
      if (moment === 0) cancelling.abort()
      // When it is cancelled at the last moment, the package may already be complete.
      const ended = await work.then(
        ({ record }) => [record.packageId],
        (error: { code: string }) => (error.code === 'cancelled' ? [] : [error.code]),
      )
      expect(spoolOf(order), `cancelled after ${moment}`).toEqual(ended)
    }
  })
})
