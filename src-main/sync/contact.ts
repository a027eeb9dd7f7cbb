/**
 * The contact with the relay. It connects, follows the feed, and reconnects by itself. At each contact it sends the
 * withdrawals and unblockings made meanwhile, fetches policy, staff and directory, and releases the items that waited
 * for the contact.
 */
import { OutpostError, codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'
import { PROTOCOL } from '../../src-core/contract/protocol.ts'
import type { FeedEvent } from '../../src-core/contract/relay.ts'
import { backoffMs } from './backoff.ts'
import { createWakeSignal } from './wake-signal.ts'
import { feedEvents } from './feed.ts'
import type { RelayConnection } from './relay-address.ts'
import { relayClient, type RelayClient } from './relay-client.ts'
import type { SyncContext } from './sync-context.ts'

export interface Contact {
  state(): { online: boolean; lastContact: string | null; reason: ErrorCode | null }
  /** Reconnects now when there is no contact; else sends the waiting commands to the relay. */
  wake(): void
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

/** Reasons for waiting that end with a contact. */
const ENDED_BY_CONTACT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'offline',
  'relay-error',
  'revoked',
  'not-enrolled',
  'relay-without-tls',
  'relay-outdated',
])
/** Codes by which the relay refuses a withdrawal or an unblocking of this person. */
const REFUSED_COMMAND: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['sender-unknown', 'not-allowed', 'bad-request'])
const DIRECTORY_PAGE = 5000
/** Milliseconds between two feeds: a feed that ends at once again and again must not cause requests without pause. */
const BETWEEN_FEEDS_MS = 1000

export function createContact(context: SyncContext, onReady: () => void): Contact {
  return new RelayContact(context, onReady)
}

class RelayContact implements Contact {
  readonly #context: SyncContext
  readonly #onReady: () => void
  readonly #wakeSignal = createWakeSignal()
  #online = false
  #lastContact: string | null = null
  #reason: ErrorCode | null = null
  #client: RelayClient | null = null
  #telling: Promise<void> = Promise.resolve()

  constructor(context: SyncContext, onReady: () => void) {
    this.#context = context
    this.#onReady = onReady
  }

  state(): ReturnType<Contact['state']> {
    return { online: this.#online, lastContact: this.#lastContact, reason: this.#reason }
  }

  wake(): void {
    const relay = this.#client
    if (!this.#online || !relay) this.#wakeSignal.notify()
    else this.#tellSoon(relay)
  }

  async run(signal: AbortSignal): Promise<void> {
    let tries = 0
    while (!signal.aborted) {
      try {
        await this.#connectAndFollow(signal)
        tries = 0
        await this.#wakeSignal.wait(BETWEEN_FEEDS_MS, signal)
      } catch (error) {
        if (signal.aborted) return
        const code = codeOf(error)
        this.#client = null
        tries += 1
        this.#setState(false, code)
        this.#context.onFailure?.('contact', error)
        await this.#wakeSignal.wait(backoffMs(tries, this.#context.random()), signal)
      }
    }
  }

  #now(): string {
    return this.#context.now().toISOString()
  }

  #noteLife(): void {
    this.#lastContact = this.#now()
  }

  #setState(next: boolean, why: ErrorCode | null): void {
    const changed = this.#online !== next || this.#reason !== why
    this.#online = next
    this.#reason = why
    if (changed) this.#context.emit({ type: 'connection', online: next })
  }

  /** All items that waited for contact continue, without a click (S1). */
  async #releaseWaiting(): Promise<void> {
    for (const item of await this.#context.ledger.waiting()) {
      if (item.reason === null || !ENDED_BY_CONTACT.has(item.reason)) continue
      try {
        await this.#context.ledger.apply(item.shareId, { type: 'ready' }, this.#now())
      } catch (error) {
        // A person has paused or cancelled the item meanwhile.
        if (codeOf(error) !== 'not-in-this-state') throw error
      }
    }
    this.#onReady()
  }

  async #tell(relay: RelayClient): Promise<void> {
    for (const { commandId, kind, shareId, recipientId, by } of await this.#context.ledger.commands()) {
      try {
        if (kind === 'withdraw') await relay.withdraw({ shareId, by })
        else if (recipientId !== null) await relay.unblock({ shareId, recipientId, by })
      } catch (error) {
        const code = codeOf(error)
        if (REFUSED_COMMAND.has(code)) {
          // The relay refuses this person's command: the refusal is stored and logged, and the contact continues.
          this.#context.onFailure?.('contact', error)
          continue
        }
        if (code !== 'share-not-found') throw error
        // The relay does not have the share. A command for a share that is still on its way is sent again after its
        // delivery.
        const { state } = await this.#context.ledger.item(shareId)
        if (state !== 'delivered' && state !== 'cancelled') continue
      }
      await this.#context.ledger.commandDone(commandId, this.#now())
      this.#context.emit({ type: 'shares' })
    }
    await this.#tellHead(relay)
  }

  /** A log that the relay does not accept is reported in the log, and the contact continues. */
  async #tellHead(relay: RelayClient): Promise<void> {
    try {
      await this.#context.tellHead(relay)
    } catch (error) {
      if (codeOf(error) === 'offline') throw error
      this.#context.onFailure?.('contact', error)
    }
  }

  /** Only one call runs at a time, so that a command is not sent twice. */
  #tellNow(relay: RelayClient): Promise<void> {
    this.#telling = this.#telling.catch(() => undefined).then(() => this.#tell(relay))
    return this.#telling
  }

  async #pullOrganisation(relay: RelayClient): Promise<void> {
    await this.#context.applyOrganisation(await relay.organisation({ protocol: PROTOCOL }))
    this.#context.emit({ type: 'settings' })
  }

  async #pullDirectory(relay: RelayClient): Promise<void> {
    for (let more = true; more; ) {
      const after = await this.#context.directoryRevision()
      const page = await relay.directory({ after, limit: DIRECTORY_PAGE })
      more = page.more && page.revision > after
      if (page.revision === after) return
      await this.#context.applyDirectory(page)
      this.#context.emit({ type: 'directory' })
    }
  }

  #tellSoon(relay: RelayClient): void {
    this.#tellNow(relay).catch((error: unknown) => this.#context.onFailure?.('contact', error))
  }

  async #connect(connection: RelayConnection): Promise<RelayClient> {
    const relay = relayClient(connection)
    await this.#pullOrganisation(relay)
    this.#noteLife()
    this.#setState(true, null)
    this.#client = relay
    await this.#tellNow(relay)
    await this.#releaseWaiting()
    await this.#pullDirectory(relay)
    return relay
  }

  async #follow(relay: RelayClient, connection: RelayConnection, signal: AbortSignal): Promise<void> {
    const onLife = (): void => {
      this.#noteLife()
      this.#tellSoon(relay)
    }
    const feed = feedEvents({ connection, after: await this.#context.ledger.feedCursor(), signal, onLife })
    for await (const events of feed) {
      await this.#context.ledger.applyFeed(events, this.#now())
      this.#context.emit({ type: 'shares' })
      const types = new Set<FeedEvent['type']>(events.map(({ type }) => type))
      if (types.has('policy') || types.has('staff')) await this.#pullOrganisation(relay)
      if (types.has('directory')) await this.#pullDirectory(relay)
    }
  }

  async #connectAndFollow(signal: AbortSignal): Promise<void> {
    const connection = await this.#context.connection()
    if (!connection) throw new OutpostError('not-enrolled')
    const relay = await this.#connect(connection)
    try {
      await this.#follow(relay, connection, signal)
    } catch (error) {
      // A feed that breaks off does not show whether the relay is lost; the next contact, made at once, does. Other
      // errors are final.
      if (codeOf(error) !== 'offline') throw error
    }
  }
}
