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
  const { ledger } = context
  const wakeSignal = createWakeSignal()
  let online = false
  let lastContact: string | null = null
  let reason: ErrorCode | null = null
  let client: RelayClient | null = null
  let telling: Promise<void> = Promise.resolve()

  const nowText = (): string => context.now().toISOString()

  function alive(): void {
    lastContact = nowText()
  }

  function setState(next: boolean, why: ErrorCode | null): void {
    const changed = online !== next || reason !== why
    online = next
    reason = why
    if (changed) context.emit({ type: 'connection', online })
  }

  /** All items that waited for contact continue, without a click (S1). */
  async function releaseWaiting(): Promise<void> {
    for (const item of await ledger.waiting()) {
      if (item.reason === null || !ENDED_BY_CONTACT.has(item.reason)) continue
      try {
        await ledger.apply(item.shareId, { type: 'ready' }, nowText())
      } catch (error) {
        // A person has paused or cancelled the item meanwhile.
        if (codeOf(error) !== 'not-in-this-state') throw error
      }
    }
    onReady()
  }

  async function tell(relay: RelayClient): Promise<void> {
    for (const { commandId, kind, shareId, recipientId, by } of await ledger.commands()) {
      try {
        if (kind === 'withdraw') await relay.withdraw({ shareId, by })
        else if (recipientId !== null) await relay.unblock({ shareId, recipientId, by })
      } catch (error) {
        const code = codeOf(error)
        if (REFUSED_COMMAND.has(code)) {
          // The relay refuses this person's command: the refusal is stored and logged, and the contact continues.
          context.onFailure?.('contact', code)
          continue
        }
        if (code !== 'share-not-found') throw error
        // The relay does not have the share. A command for a share that is still on its way is sent again after its
        // delivery.
        const { state } = await ledger.item(shareId)
        if (state !== 'delivered' && state !== 'cancelled') continue
      }
      await ledger.commandDone(commandId, nowText())
      context.emit({ type: 'shares' })
    }
    await tellHead(relay)
  }

  /** A log that the relay does not accept is reported in the log, and the contact continues. */
  async function tellHead(relay: RelayClient): Promise<void> {
    try {
      await context.tellHead(relay)
    } catch (error) {
      if (codeOf(error) === 'offline') throw error
      context.onFailure?.('contact', codeOf(error))
    }
  }

  /** Only one call runs at a time, so that a command is not sent twice. */
  function tellNow(relay: RelayClient): Promise<void> {
    telling = telling.catch(() => undefined).then(() => tell(relay))
    return telling
  }

  async function pullOrganisation(relay: RelayClient): Promise<void> {
    await context.applyOrganisation(await relay.organisation({ protocol: PROTOCOL }))
    context.emit({ type: 'settings' })
  }

  async function pullDirectory(relay: RelayClient): Promise<void> {
    for (let more = true; more; ) {
      const after = await context.directoryRevision()
      const page = await relay.directory({ after, limit: DIRECTORY_PAGE })
      more = page.more && page.revision > after
      if (page.revision === after) return
      await context.applyDirectory(page)
      context.emit({ type: 'directory' })
    }
  }

  function tellSoon(relay: RelayClient): void {
    tellNow(relay).catch((error: unknown) => context.onFailure?.('contact', codeOf(error)))
  }

  async function meet(connection: RelayConnection): Promise<RelayClient> {
    const relay = relayClient(connection)
    await pullOrganisation(relay)
    alive()
    setState(true, null)
    client = relay
    await tellNow(relay)
    await releaseWaiting()
    await pullDirectory(relay)
    return relay
  }

  async function follow(relay: RelayClient, connection: RelayConnection, signal: AbortSignal): Promise<void> {
    const onLife = (): void => {
      alive()
      tellSoon(relay)
    }
    const feed = feedEvents({ connection, after: await ledger.feedCursor(), signal, onLife })
    for await (const events of feed) {
      await ledger.applyFeed(events, nowText())
      context.emit({ type: 'shares' })
      const types = new Set<FeedEvent['type']>(events.map(({ type }) => type))
      if (types.has('policy') || types.has('staff')) await pullOrganisation(relay)
      if (types.has('directory')) await pullDirectory(relay)
    }
  }

  async function once(signal: AbortSignal): Promise<void> {
    const connection = await context.connection()
    if (!connection) throw new OutpostError('not-enrolled')
    const relay = await meet(connection)
    try {
      await follow(relay, connection, signal)
    } catch (error) {
      // A feed that breaks off does not show whether the relay is lost; the next contact, made at once, does. Other
      // errors are final.
      if (codeOf(error) !== 'offline') throw error
    }
  }

  return {
    state: () => ({ online, lastContact, reason }),
    wake() {
      const relay = client
      if (!online || !relay) wakeSignal.notify()
      else tellSoon(relay)
    },
    async run(signal) {
      let tries = 0
      while (!signal.aborted) {
        try {
          await once(signal)
          tries = 0
          await wakeSignal.wait(BETWEEN_FEEDS_MS, signal)
        } catch (error) {
          if (signal.aborted) return
          const code = codeOf(error)
          client = null
          tries += 1
          setState(false, code)
          context.onFailure?.('contact', code)
          await wakeSignal.wait(backoffMs(tries, context.random()), signal)
        }
      }
    },
  }
}
