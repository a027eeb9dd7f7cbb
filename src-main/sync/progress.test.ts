import { describe, expect, it } from 'vitest'
import { createProgressTracker } from './progress.ts'

describe('S5: progress and speed', () => {
  it('S5: speed is measured over what was sent now, not over what the relay held already', () => {
    let time = 0
    const tracker = createProgressTracker(
      () => time,
      () => undefined,
    )
    tracker.beginUpload('s', 10_000)
    tracker.sent('s', 4000)
    expect(tracker.get('s')).toEqual({
      instancesPrepared: 0,
      bytesSent: 4000,
      bytesTotal: 10_000,
      bytesPerSecond: null,
    })
    time = 2000
    tracker.sent('s', 6000)
    // 2,000 bytes in 2 s.
    expect(tracker.get('s')?.bytesPerSecond).toBe(1000)
    time = 3000
    tracker.sent('s', 9000)
    // 3,000 bytes in 1 s, of which 0.3 counts: 1000 + 0.3 · (3000 − 1000).
    expect(tracker.get('s')?.bytesPerSecond).toBeCloseTo(1600)
    tracker.rest('s')
    expect(tracker.get('s')).toMatchObject({ bytesSent: 9000, bytesPerSecond: null })
    expect(tracker.get('other')).toBeNull()
  })

  it('S5: the page is told at most twice a second', () => {
    let time = 0
    let told = 0
    const tracker = createProgressTracker(
      () => time,
      () => {
        told += 1
      },
    )
    for (time = 0; time < 2000; time += 10) tracker.prepared('s', time)
    expect(told).toBe(4)
  })
})
