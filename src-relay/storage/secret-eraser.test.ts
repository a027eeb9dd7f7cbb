import { describe, expect, it } from 'vitest'
import { secretEraser, type EraserClock } from './secret-eraser.ts'

/** A clock whose timers run when the test calls runNext. */
function manualClock(): EraserClock & { due: { milliseconds: number; run: () => void }[]; runNext(): void } {
  const due: { milliseconds: number; run: () => void }[] = []
  return {
    due,
    after(milliseconds, run) {
      const timer = { milliseconds, run }
      due.push(timer)
      return () => {
        const index = due.indexOf(timer)
        if (index >= 0) due.splice(index, 1)
      }
    },
    runNext() {
      due.shift()?.run()
    },
  }
}

/** A pass function whose promises are settled by the test. */
function manualPasses() {
  const running: { end(): void; fail(): void }[] = []
  let begunPasses = 0
  return {
    running,
    passCount: () => begunPasses,
    pass: () =>
      new Promise<void>((done, fail) => {
        begunPasses += 1
        running.push({ end: done, fail: () => fail(new Error('locked')) })
      }),
  }
}

const finishPendingPromises = (): Promise<void> => new Promise((done) => setImmediate(done))

describe('secretEraser', () => {
  it('X1: a thousand endings cost one pass, and one during a pass costs one more', async () => {
    const clock = manualClock()
    const { pass, running, passCount } = manualPasses()
    const eraser = secretEraser(pass, () => {}, clock)
    for (let ending = 0; ending < 1000; ending += 1) eraser.request()
    expect(clock.due).toHaveLength(1)
    clock.runNext()
    await finishPendingPromises()
    expect(passCount()).toBe(1)
    for (let ending = 0; ending < 1000; ending += 1) eraser.request()
    clock.runNext()
    await finishPendingPromises()
    // The first pass may have read the table before the later endings, so that a second pass follows it.
    expect(passCount()).toBe(1)
    running.shift()!.end()
    await finishPendingPromises()
    expect(passCount()).toBe(2)
    expect(clock.due).toEqual([])
  })

  it('X1: a pass that fails is reported and made again until it succeeds, within a minute', async () => {
    const clock = manualClock()
    const { pass, running, passCount } = manualPasses()
    const failures: unknown[] = []
    const eraser = secretEraser(pass, (error) => failures.push(error), clock)
    eraser.request()
    let waited = 0
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      waited += clock.due[0]!.milliseconds
      clock.runNext()
      await finishPendingPromises()
      running.shift()!.fail()
      await finishPendingPromises()
      expect([passCount(), failures.length, clock.due.length]).toEqual([attempt, attempt, 1])
    }
    expect(waited).toBeLessThan(60_000)
    clock.runNext()
    await finishPendingPromises()
    running.shift()!.end()
    await finishPendingPromises()
    expect([passCount(), clock.due.length]).toEqual([4, 0])
  })

  it('X1: a relay that stops first makes the pass that was requested', async () => {
    const clock = manualClock()
    const { pass, running, passCount } = manualPasses()
    const eraser = secretEraser(pass, () => {}, clock)
    eraser.request()
    const closed = eraser.close()
    await finishPendingPromises()
    expect(passCount()).toBe(1)
    running.shift()!.end()
    await closed
    eraser.request()
    expect(clock.due).toEqual([])
  })
})
