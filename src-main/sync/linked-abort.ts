/**
 * One signal that follows others and the clock until it is released: signals that live as long as the program gather no
 * followers, and the timer ends with the work.
 */

export interface LinkedAbort {
  readonly signal: AbortSignal
  /** Aborts this one alone. */
  abort(): void
  /** To be called when it is no longer needed: lets go of the others and of the timer. */
  release(): void
}

/** @param timeoutMs aborts by itself after this time */
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
