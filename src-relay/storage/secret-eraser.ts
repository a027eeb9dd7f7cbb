/** Has destroyed secrets erased from the disk soon after they were destroyed; many endings cost one pass. */

/** Endings within this time after the first share one pass; far less than the 60 s that are promised. */
const GATHER_MS = 5_000
const RETRY_MS = 10_000

export interface SecretEraser {
  /** Something was destroyed: a pass follows soon. */
  request(): void
  /** Resolves when a pass that began after this call has succeeded. @error what made the pass fail */
  now(): Promise<void>
  /** A pass that was due is made first. */
  close(): Promise<void>
}

export interface EraserClock {
  /** @returns what cancels it */
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
 * @param pass erases everything that was destroyed before it began
 * @param failed is told of a pass that failed; another follows
 */
export function secretEraser(
  pass: () => Promise<void>,
  failed: (error: unknown) => void,
  clock: EraserClock = systemClock,
): SecretEraser {
  let cancel: (() => void) | null = null
  let running: Promise<void> = Promise.resolve()
  let closed = false

  const now = (): Promise<void> => {
    cancel?.()
    cancel = null
    // A pass that is under way may have read the tables before: this one comes after it.
    const next = running.then(pass)
    running = next.catch(() => {})
    return next
  }
  const requestAfter = (milliseconds: number): void => {
    if (closed || cancel !== null) return
    cancel = clock.after(milliseconds, () => {
      now().catch((error: unknown) => {
        failed(error)
        requestAfter(RETRY_MS)
      })
    })
  }
  return {
    request: () => requestAfter(GATHER_MS),
    now,
    async close() {
      closed = true
      if (cancel === null) await running
      else await now().catch(failed)
    },
  }
}
