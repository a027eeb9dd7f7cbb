/**
 * One turn of the prepare bench: a process with the storage and the decode processes of a workstation, which prepares
 * one share of its ledger and reports what that cost. Arguments: DATA_FOLDER SHARE_ID.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { MediaWords } from '../../src-core/package/media-pages.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import { newIdentity } from '../../src-engine/package/identity.ts'
import { newSigningKey } from '../../src-engine/package/signature.ts'
import { prepareInThread } from '../../src-main/sharing/preparer.ts'
import { openStorage } from '../../src-main/storage/open-storage.ts'
import { forgetPeak, memoryOf } from '../support/trial.ts'

/** Milliseconds by which the event loop was late. */
export interface Delays {
  readonly p50: number
  readonly p99: number
  readonly max: number
}
export interface PrepareTurn {
  readonly idle: Delays
  readonly busy: Delays
  /** The additional resident bytes since before the share. */
  readonly peak: number
  readonly kept: number
  readonly seconds: number
}

const RESOLUTION_MS = 5
const IDLE_MS = 2000
const root = path.resolve(import.meta.dirname, '../..')

/** The histogram has the time between two ticks of a timer; the time beyond the timer's interval is the delay. */
function delaysOf(histogram: ReturnType<typeof monitorEventLoopDelay>): Delays {
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
  return { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) }
}

async function watched<T>(work: () => Promise<T>): Promise<{ result: T; delays: Delays }> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  const result = await work()
  histogram.disable()
  return { result, delays: delaysOf(histogram) }
}

async function turn(dataFolder: string, shareId: string): Promise<PrepareTurn> {
  const storage = await openStorage({
    entry: new URL('../../src-main/storage/worker.ts', import.meta.url),
    dataFolder,
  })
  const imaging = createImaging()
  const recipient = async (): Promise<string> => (await newIdentity()).recipient
  const keys = {
    relayRecipient: await recipient(),
    organisationRecipient: await recipient(),
    workstationRecipient: await recipient(),
    signingSeed: newSigningKey().seed,
  }
  const words = JSON.parse(
    readFileSync(path.join(root, 'resources', 'messages', 'en', 'media.json'), 'utf8'),
  ) as MediaWords
  const { delays: idle } = await watched(() => delay(IDLE_MS))
  const before = memoryOf(process.pid).now
  forgetPeak(process.pid)
  const started = performance.now()
  const { result: prepared, delays: busy } = await watched(async () =>
    prepareInThread(
      {
        dataFolder,
        shareId,
        keys,
        words,
        uidKey: randomBytes(32),
        earlierSource: null,
        createdAt: new Date().toISOString(),
      },
      {
        entry: new URL('../../src-main/sharing/prepare-thread.ts', import.meta.url),
        imaging,
        signal: new AbortController().signal,
        onProgress: () => {},
      },
    ),
  )
  const seconds = (performance.now() - started) / 1000
  const { peak } = memoryOf(process.pid)
  await delay(IDLE_MS)
  const kept = memoryOf(process.pid).now
  await imaging.close()
  await storage.close()
  if (prepared.previewsFailed.size > 0) throw new Error('a preview failed')
  return { idle, busy, peak: peak - before, kept: kept - before, seconds }
}

const [dataFolder = '', shareId = ''] = process.argv.slice(2)
process.send!(await turn(dataFolder, shareId))
process.disconnect()
