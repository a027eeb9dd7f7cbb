import { describe, expect, it } from 'vitest'
import { secretEraser, type EraserClock } from './secret-eraser.ts'

/** A clock whose timers run when the test says so. */
function handClock(): EraserClock & { due: { milliseconds: number; run: () => void }[]; runNext(): void } {
  const due: { milliseconds: number; run: () => void }[] = []
  return {
    due,
    after(milliseconds, run) {
      const timer = { milliseconds, run }
      due.push(timer)
      return () => {
        const at = due.indexOf(timer)
        if (at >= 0) due.splice(at, 1)
      }
    },
    runNext() {
      due.shift()?.run()
    },
  }
}

/** Passes that end when the test says so. */
function passes() {
  const running: { end(): void; fail(): void }[] = []
  let begun = 0
  return {
    running,
    begun: () => begun,
    pass: () =>
      new Promise<void>((done, fail) => {
        begun += 1
        running.push({ end: done, fail: () => fail(new Error('locked')) })
      }),
  }
}

const settle = (): Promise<void> => new Promise((done) => setImmediate(done))

describe('secretEraser', () => {
  it('X1: a thousand endings cost one pass, and one during a pass costs one more', async () => {
    const clock = handClock()
    const { pass, running, begun } = passes()
    const eraser = secretEraser(pass, () => {}, clock)
    for (let ending = 0; ending < 1000; ending += 1) eraser.request()
    expect(clock.due).toHaveLength(1)
    clock.runNext()
    await settle()
    expect(begun()).toBe(1)
    for (let ending = 0; ending < 1000; ending += 1) eraser.request()
    clock.runNext()
    await settle()
    // The first pass may have read the table before the second ending: the second waits for it.
    expect(begun()).toBe(1)
    running.shift()!.end()
    await settle()
    expect(begun()).toBe(2)
    expect(clock.due).toEqual([])
  })

  it('X1: a pass that fails is told and tried again until it succeeds, within the minute', async () => {
    const clock = handClock()
    const { pass, running, begun } = passes()
    const failures: unknown[] = []
    const eraser = secretEraser(pass, (error) => failures.push(error), clock)
    eraser.request()
    let waited = 0
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      waited += clock.due[0]!.milliseconds
      clock.runNext()
      await settle()
      running.shift()!.fail()
      await settle()
      expect([begun(), failures.length, clock.due.length]).toEqual([attempt, attempt, 1])
    }
    expect(waited).toBeLessThan(60_000)
    clock.runNext()
    await settle()
    running.shift()!.end()
    await settle()
    expect([begun(), clock.due.length]).toEqual([4, 0])
  })

  it('X1: a relay that stops makes the pass that was due first', async () => {
    const clock = handClock()
    const { pass, running, begun } = passes()
    const eraser = secretEraser(pass, () => {}, clock)
    eraser.request()
    const closed = eraser.close()
    await settle()
    expect(begun()).toBe(1)
    running.shift()!.end()
    await closed
    eraser.request()
    expect(clock.due).toEqual([])
  })
})
