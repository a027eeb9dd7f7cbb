/**
 * Waiting times between tries: exponential, with jitter so that a hundred workstations do not return at the same
 * moment.
 */

export interface Waiting {
  /** Waits before try number `tries` (from 1); resolves early when the signal aborts. */
  backoff(tries: number, signal: AbortSignal): Promise<void>
}

const FIRST_MS = 1000
export const LONGEST_MS = 60_000

/** @param random from 0 to 1. @returns milliseconds: half to all of 1 s, 2 s, 4 s … 60 s */
export function backoffMs(tries: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, tries - 1))
  return Math.round(full * (0.5 + random / 2))
}

/** Resolves after the time, or at once when the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

export function waitingWith(random: () => number): Waiting {
  return { backoff: (tries, signal) => sleep(backoffMs(tries, random()), signal) }
}
