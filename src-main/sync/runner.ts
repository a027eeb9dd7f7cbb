/**
 * Empties the outbox: it takes up runnable items in the ledger's order, one at a time. Items that depend on something
 * else wait, and no item is dropped.
 */
import { correlated } from '../../src-engine/correlation.ts'
import { codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { OutboxEvent, OutboxItem } from '../../src-core/sharing/outbox.ts'
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

export function createRunner(options: RunnerOptions): Runner {
  return new OutboxRunner(options)
}

class OutboxRunner implements Runner {
  readonly #options: RunnerOptions
  readonly #context: SyncContext
  readonly #wakeSignal = createWakeSignal()
  /**
   * Shares whose package was damaged and is prepared again; only once per run, since the disk may damage the next one
   * too.
   */
  readonly #preparedAgain = new Set<string>()
  #underWay: { shareId: string; stop: LinkedAbort } | null = null

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#context = options.context
  }

  wake(): void {
    this.#stopIfMoved().catch((error: unknown) => this.#context.onFailure?.('outbox', error))
    this.#wakeSignal.notify()
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let found = false
      try {
        found = await correlated(() => this.#takeNext(signal))
      } catch (error) {
        // The ledger itself failed. Nothing is lost, and it is called again.
        this.#context.onFailure?.('outbox', error)
      }
      if (!found) await this.#wakeSignal.wait(LOOK_EVERY_MS, signal)
    }
  }

  #now(): string {
    return this.#context.now().toISOString()
  }

  /** Applies one transition; null when a person has changed the item's state meanwhile. */
  async #apply(item: OutboxItem, event: OutboxEvent): Promise<OutboxItem | null> {
    try {
      const moved = await this.#context.ledger.apply(item.shareId, event, this.#now())
      this.#context.emit({ type: 'outbox' })
      return moved
    } catch (error) {
      if (codeOf(error) === 'not-in-this-state') return null
      throw error
    }
  }

  /** Releases items that waited for a time that has come, or for a contact that exists now. */
  async #releaseDue(): Promise<void> {
    const now = this.#now()
    for (const item of await this.#context.ledger.waiting()) {
      if (needsRelay(item) && !this.#options.online().online) continue
      if (item.waitingUntil === null || timeHasCome(item.waitingUntil, now, LONGEST_MS))
        await this.#apply(item, { type: 'ready' })
    }
  }

  async #setAside(item: OutboxItem, error: unknown): Promise<void> {
    const code = codeOf(error)
    this.#context.onFailure?.('outbox', error)
    if (!PASSING.has(code)) {
      const failed = await this.#apply(item, { type: 'failed', reason: code })
      if (failed && code === 'package-damaged' && !this.#preparedAgain.has(item.shareId)) {
        this.#preparedAgain.add(item.shareId)
        await this.#apply(failed, { type: 'retry' })
      }
    } else
      await this.#apply(item, {
        type: 'wait',
        reason: code,
        until: new Date(
          this.#context.now().getTime() + backoffMs(item.attempts + 1, this.#context.random()),
        ).toISOString(),
      })
  }

  async #take(item: OutboxItem, closing: AbortSignal): Promise<void> {
    const started = await this.#apply(item, { type: 'started' })
    if (!started) return
    const stop = linkedAbort([closing])
    this.#underWay = { shareId: item.shareId, stop }
    try {
      await this.#options.steps.run(started, stop.signal)
      this.#context.emit({ type: 'outbox' })
      if (needsRelay(started)) this.#options.onDelivered()
    } catch (error) {
      // When the program closes, the item stays as if the program had been killed; the next start takes it up again.
      // When the item was stopped, a person has already changed its state.
      if (stop.signal.aborted) return
      await this.#setAside(started, error)
    } finally {
      stop.release()
      this.#underWay = null
      this.#options.progress.rest(item.shareId)
    }
  }

  /** Takes up the first runnable item. Items that need the relay wait while there is no contact. */
  async #takeNext(closing: AbortSignal): Promise<boolean> {
    await this.#releaseDue()
    for (const item of await this.#context.ledger.runnable(this.#now())) {
      const contact = this.#options.online()
      if (needsRelay(item) && !contact.online) {
        await this.#apply(item, { type: 'wait', reason: contact.reason ?? 'offline', until: null })
        continue
      }
      await this.#take(item, closing)
      return true
    }
    return false
  }

  async #stopIfMoved(): Promise<void> {
    const current = this.#underWay
    if (current && !RUNNING.has((await this.#context.ledger.item(current.shareId)).state)) current.stop.abort()
  }
}
