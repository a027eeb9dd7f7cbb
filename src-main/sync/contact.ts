/**
 * The connection to the relay: meets it, stays on its feed, and comes back by itself. At each meeting it tells what was
 * withdrawn or unblocked
 * meanwhile, pulls policy, staff and directory, and lets everything that waited for contact go on.
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
  /** Tries again now when there is no contact; else sends what is to be told to the relay. */
  wake(): void
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

/** Reasons for which an item waits that a meeting with the relay ends. */
const ENDED_BY_CONTACT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'offline',
  'relay-error',
  'revoked',
  'not-enrolled',
  'relay-without-tls',
  'relay-outdated',
])
/** Answers to a withdrawal or an unblocking that say no to whoever asked for it. */
const REFUSED_COMMAND: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['sender-unknown', 'not-allowed', 'bad-request'])
const DIRECTORY_PAGE = 5000
/** A feed that ends at once again and again is no reason to knock without pause. */
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

  /** Everything that waited for contact goes on, without a click (S1). */
  async function releaseWaiting(): Promise<void> {
    for (const item of await ledger.waiting()) {
      if (item.reason === null || !ENDED_BY_CONTACT.has(item.reason)) continue
      try {
        await ledger.apply(item.shareId, { type: 'ready' }, nowText())
      } catch (error) {
        // A person was quicker: paused or cancelled.
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
          // The relay does not let this person do it: kept and said, and no reason to lose contact.
          context.onFailure?.('contact', code)
          continue
        }
        if (code !== 'share-not-found') throw error
        // Not there yet, or never will be: a share on its way is told again after it has arrived.
        const { state } = await ledger.item(shareId)
        if (state !== 'delivered' && state !== 'cancelled') continue
      }
      await ledger.commandDone(commandId, nowText())
      context.emit({ type: 'shares' })
    }
    await tellHead(relay)
  }

  /** A log that the relay does not accept is written down, and stops nothing else. */
  async function tellHead(relay: RelayClient): Promise<void> {
    try {
      await context.tellHead(relay)
    } catch (error) {
      if (codeOf(error) === 'offline') throw error
      context.onFailure?.('contact', codeOf(error))
    }
  }

  /** One at a time, so that a command is not sent twice. */
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
      // A feed that breaks off says little: the next meeting, at once, says whether the relay is gone. A refusal says
      // all.
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
