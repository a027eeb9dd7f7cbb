/** Wakes a loop. A notification while the loop is not waiting ends its next wait at once. */
import { sleep } from './backoff.ts'
import { linkedAbort } from './linked-abort.ts'

export interface WakeSignal {
  notify(): void
  /** Resolves at a notification, after the time, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function createWakeSignal(): WakeSignal {
  let notified = false
  let wake: () => void = () => undefined
  return {
    notify() {
      notified = true
      wake()
    },
    async wait(ms, signal) {
      if (!notified) {
        const linked = linkedAbort([signal])
        wake = linked.abort
        await sleep(ms, linked.signal)
        wake = () => undefined
        linked.release()
      }
      notified = false
    },
  }
}
