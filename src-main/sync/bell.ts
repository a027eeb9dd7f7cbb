/** Wakes a loop: a ring while nobody waits is heard by the next who does. */
import { sleep } from './backoff.ts'

export interface Bell {
  ring(): void
  /** Settles at a ring, after the time, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  let rung = new AbortController()
  return {
    ring: () => rung.abort(),
    async wait(ms, signal) {
      await sleep(ms, AbortSignal.any([signal, rung.signal]))
      if (rung.signal.aborted) rung = new AbortController()
    },
  }
}
