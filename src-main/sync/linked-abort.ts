/**
 * A signal that follows other signals and a timeout until it is released. Signals that live as long as the program
 * thereby collect no listeners, and the timer ends with the work.
 */

export interface LinkedAbort {
  readonly signal: AbortSignal
  /** Aborts this signal alone. */
  abort(): void
  /** Must be called when the signal is no longer needed: removes the listeners and the timer. */
  release(): void
}

/** @param timeoutMs the signal aborts by itself after this time */
export function linkedAbort(others: readonly AbortSignal[], timeoutMs?: number): LinkedAbort {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  for (const other of others) {
    if (other.aborted) controller.abort()
    other.addEventListener('abort', abort)
  }
  const timer = timeoutMs === undefined ? undefined : setTimeout(abort, timeoutMs)
  return {
    signal: controller.signal,
    abort,
    release() {
      clearTimeout(timer)
      for (const other of others) other.removeEventListener('abort', abort)
    },
  }
}
