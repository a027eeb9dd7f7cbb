/**
 * Empties the outbox: it takes up runnable items in the ledger's order, one at a time. Items that depend on something
 * else wait, and no item is dropped.
 */
import { codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { OutboxItem } from '../../src-core/sharing/outbox.ts'
import { timeHasCome } from '../../src-core/time-has-come.ts'
import { backoffMs, LONGEST_MS } from './backoff.ts'
import { createWakeSignal } from './wake-signal.ts'
import { linkedAbort, type LinkedAbort } from './linked-abort.ts'
import type { ProgressTracker } from './progress.ts'
import type { Steps } from './steps.ts'
import type { SyncContext } from './sync-context.ts'

export interface Runner {
  /** Called when an item may have become runnable, or when the item under way was paused or cancelled. */
  wake(): void
  /** Runs until the signal aborts and the item under way has stopped. */
  run(signal: AbortSignal): Promise<void>
}

/** Failures that pass by themselves: the item waits and is tried again. All other failures need a person. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'offline',
  'relay-error',
  'relay-full',
  'revoked',
  'not-enrolled',
  'relay-without-tls',
  'relay-outdated',
  'secrets-locked',
  'disk-full',
  'checksum-mismatch',
  'offset-mismatch',
  'upload-not-found',
  'too-many-requests',
])
const RUNNING: ReadonlySet<string> = new Set(['preparing', 'uploading', 'confirming'])
const needsRelay = (item: OutboxItem): boolean => item.step !== 'prepare'
/** Longest delay in ms until an item whose time has come is taken up. */
const LOOK_EVERY_MS = 1000

export interface RunnerOptions {
  readonly context: SyncContext
  readonly steps: Steps
  readonly progress: ProgressTracker
  readonly online: () => { online: boolean; reason: ErrorCode | null }
  readonly onDelivered: () => void
}

export function createRunner({ context, steps, progress, online, onDelivered }: RunnerOptions): Runner {
  const { ledger } = context
  const wakeSignal = createWakeSignal()
  /**
   * Shares whose package was damaged and is prepared again; only once per run, since the disk may damage the next one
   * too.
   */
  const madeAgain = new Set<string>()
  let underWay: { shareId: string; stop: LinkedAbort } | null = null

  const nowText = (): string => context.now().toISOString()

  /** Applies one transition; null when a person has changed the item's state meanwhile. */
  async function apply(item: OutboxItem, event: Parameters<typeof ledger.apply>[1]): Promise<OutboxItem | null> {
    try {
      const moved = await ledger.apply(item.shareId, event, nowText())
      context.emit({ type: 'outbox' })
      return moved
    } catch (error) {
      if (codeOf(error) === 'not-in-this-state') return null
      throw error
    }
  }

  /** Releases items that waited for a time that has come, or for a contact that exists now. */
  async function releaseDue(): Promise<void> {
    const now = nowText()
    for (const item of await ledger.waiting()) {
      if (needsRelay(item) && !online().online) continue
      if (item.waitingUntil === null || timeHasCome(item.waitingUntil, now, LONGEST_MS))
        await apply(item, { type: 'ready' })
    }
  }

  async function setAside(item: OutboxItem, code: ErrorCode): Promise<void> {
    context.onFailure?.('outbox', code)
    if (!PASSING.has(code)) {
      const failed = await apply(item, { type: 'failed', reason: code })
      if (failed && code === 'package-damaged' && !madeAgain.has(item.shareId)) {
        madeAgain.add(item.shareId)
        await apply(failed, { type: 'retry' })
      }
    } else
      await apply(item, {
        type: 'wait',
        reason: code,
        until: new Date(context.now().getTime() + backoffMs(item.attempts + 1, context.random())).toISOString(),
      })
  }

  async function take(item: OutboxItem, closing: AbortSignal): Promise<void> {
    const started = await apply(item, { type: 'started' })
    if (!started) return
    const stop = linkedAbort([closing])
    underWay = { shareId: item.shareId, stop }
    try {
      await steps.run(started, stop.signal)
      context.emit({ type: 'outbox' })
      if (needsRelay(started)) onDelivered()
    } catch (error) {
      // When the program closes, the item stays as if the program had been killed; the next start takes it up again.
      // When the item was stopped, a person has already changed its state.
      if (stop.signal.aborted) return
      await setAside(started, codeOf(error))
    } finally {
      stop.release()
      underWay = null
      progress.rest(item.shareId)
    }
  }

  /** Takes up the first runnable item. Items that need the relay wait while there is no contact. */
  async function pass(closing: AbortSignal): Promise<boolean> {
    await releaseDue()
    for (const item of await ledger.runnable(nowText())) {
      const contact = online()
      if (needsRelay(item) && !contact.online) {
        await apply(item, { type: 'wait', reason: contact.reason ?? 'offline', until: null })
        continue
      }
      await take(item, closing)
      return true
    }
    return false
  }

  async function stopIfMoved(): Promise<void> {
    const current = underWay
    if (current && !RUNNING.has((await ledger.item(current.shareId)).state)) current.stop.abort()
  }

  return {
    wake() {
      stopIfMoved().catch((error: unknown) => context.onFailure?.('outbox', codeOf(error)))
      wakeSignal.notify()
    },
    async run(signal) {
      while (!signal.aborted) {
        let found = false
        try {
          found = await pass(signal)
        } catch (error) {
          // The ledger itself failed. Nothing is lost, and it is called again.
          context.onFailure?.('outbox', codeOf(error))
        }
        if (!found) await wakeSignal.wait(LOOK_EVERY_MS, signal)
      }
    },
  }
}
