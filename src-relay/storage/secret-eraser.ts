/** Schedules the passes that erase deleted secrets from the disk. Many endings of shares together cost one pass. */

/** A pass begins this time after an ending, for all endings until then. docs/threat-model.md promises at most 60 s. */
const PASS_DELAY_MS = 5_000
const RETRY_MS = 10_000

export interface SecretEraser {
  /** Requests a pass after a deletion. */
  request(): void
  /** Makes a pass that begins after this call. @throws the error of the pass */
  now(): Promise<void>
  /** Makes the pass that was requested, if there is one, and stops. */
  close(): Promise<void>
}

export interface EraserClock {
  /** @returns a function that cancels the timer */
  after(milliseconds: number, run: () => void): () => void
}

const systemClock: EraserClock = {
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/**
 * @param pass erases everything that was deleted before it began
 * @param onFailure is called with the error of a onFailure pass, which is then made again
 */
export function secretEraser(
  pass: () => Promise<void>,
  onFailure: (error: unknown) => void,
  clock: EraserClock = systemClock,
): SecretEraser {
  let cancel: (() => void) | null = null
  let running: Promise<void> = Promise.resolve()
  let closed = false

  const now = (): Promise<void> => {
    cancel?.()
    cancel = null
    // A pass that runs now may have read the tables already, so that the new pass begins after it.
    const next = running.then(pass)
    running = next.catch(() => {})
    return next
  }
  const requestAfter = (milliseconds: number): void => {
    if (closed || cancel !== null) return
    cancel = clock.after(milliseconds, () => {
      now().catch((error: unknown) => {
        onFailure(error)
        requestAfter(RETRY_MS)
      })
    })
  }
  return {
    request: () => requestAfter(PASS_DELAY_MS),
    now,
    async close() {
      closed = true
      if (cancel === null) await running
      else await now().catch(onFailure)
    },
  }
}
