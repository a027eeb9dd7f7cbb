/** Has pending entries moved into the audit log while the relay runs. Any number of processes may do it at once. */
import { failureLine } from '../../src-engine/failure-line.ts'
import type { RelayConfig, RelayContext } from '../ports/relay-context.ts'
import { AUDIT_CHANNEL, sequencePending } from './sequence-pending.ts'

/** Should a notification be lost, an entry is this much late and no more. */
const CHECK_MS = 5_000

export interface Sequencer {
  /** Resolves once the pass that is under way has ended. What is pending then stays for the next start, or a check. */
  close(): Promise<void>
}

/** A failure goes to the log of the process; the next notification or check tries again. */
export async function openSequencer(
  { db, notifications, config }: Pick<RelayContext, 'db' | 'notifications'> & { config: Pick<RelayConfig, 'log'> },
  checkMs: number = CHECK_MS,
): Promise<Sequencer> {
  let requested = false
  let closed = false
  let passes: Promise<void> | null = null
  const runPasses = async (): Promise<void> => {
    while (requested && !closed) {
      requested = false
      await sequencePending(db, 'leave').catch((error: unknown) => config.log?.(failureLine('audit sequencer', error)))
    }
    passes = null
  }
  const request = (): void => {
    requested = true
    if (!closed) passes ??= runPasses()
  }
  const unsubscribe = await notifications.subscribe(AUDIT_CHANNEL, request)
  const timer = setInterval(request, checkMs)
  timer.unref()
  request()
  return {
    async close() {
      closed = true
      clearInterval(timer)
      unsubscribe()
      await passes
    },
  }
}
