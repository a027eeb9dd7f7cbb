import { expect, it } from 'vitest'
import { MemoryLedger } from '../../tests/support/memory-ledger.ts'
import { sampleShare } from '../../tests/support/sample-share.ts'
import { createProgressTracker } from './progress.ts'
import { createRunner } from './runner.ts'
import type { SyncContext } from './sync-context.ts'

it('S1: a clock that is set back does not keep a share waiting', async () => {
  const ledger = new MemoryLedger()
  const share = sampleShare([])
  const nowText = '2026-11-21T10:00:00.000Z'
  ledger.add(share)
  const until = '2026-11-21T10:00:30.000Z'
  await ledger.apply(share.shareId, { type: 'wait', reason: 'disk-full', until }, nowText)
  const stop = new AbortController()
  let asked = 0
  const context = {
    ledger,
    emit: () => undefined,
    random: () => 1,
    // Five seconds into the waiting time, the clock is set back by a day.
    now: () => new Date(asked++ < 1 ? '2026-11-21T10:00:05.000Z' : '2026-11-20T10:00:05.000Z'),
  } as unknown as SyncContext
  const taken = new Promise<string>((resolve) => {
    const runner = createRunner({
      context,
      progress: createProgressTracker(
        () => 0,
        () => undefined,
      ),
      online: () => ({ online: false, reason: 'offline' }),
      onDelivered: () => undefined,
      steps: { run: async ({ state }) => resolve(state) },
    })
    void runner.run(stop.signal)
  })
  try {
    expect(await taken).toBe('preparing')
  } finally {
    stop.abort()
  }
})
