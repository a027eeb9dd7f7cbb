/**
 * The grants that are open in browsers. For each request one query checks that its session and its grant still live.
 * Unsealed grants stay in the memory of the process, and are dropped as soon as the grant ends.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { blockedError, grantById, type LiveGrant } from './grants.ts'
import type { Principal } from './principal.ts'
import { useSession } from './sessions.ts'

/** An unsealed grant is dropped when no request has used it for this long. */
const MAX_IDLE_MS = 5 * 60_000
/** When there are more, the grant that has been unused for longest is dropped. */
const MAX_UNSEALED_GRANTS = 200

export interface OpenGrants {
  /**
   * Returns a grant that was opened in the browser of the principal.
   * @error link-unknown the grant was not opened there, or is withdrawn; session-ended; link-expired; blocked
   */
  requireGrant(principal: Principal, grantId: string): Promise<LiveGrant>
  close(): void
}

interface UnsealedGrant {
  readonly grant: Promise<LiveGrant | null>
  /** null until the grant is unsealed. */
  shareId: string | null
  usedAt: number
}

export function openGrants(relay: RelayContext): OpenGrants {
  /** By the id of the grant, the least recently used first. Callers have checked that the principal may use it. */
  const unsealedGrants = new Map<string, UnsealedGrant>()
  const unsubscribe = relay.endings.subscribe((ended) => {
    // Until a grant is unsealed its share is not known: any ending could be its own, and drops it.
    for (const [grantId, { shareId }] of unsealedGrants)
      if (ended === null || shareId === null || shareId === ended) unsealedGrants.delete(grantId)
  })
  const dropUnused = (): void => {
    const oldestUse = Date.now() - MAX_IDLE_MS
    for (const [grantId, { usedAt }] of unsealedGrants)
      if (usedAt < oldestUse || unsealedGrants.size > MAX_UNSEALED_GRANTS) unsealedGrants.delete(grantId)
  }
  const timer = setInterval(dropUnused, MAX_IDLE_MS / 5)
  timer.unref()

  const unsealGrant = (grantId: string): Promise<LiveGrant | null> => {
    const existing = unsealedGrants.get(grantId)
    const entry: UnsealedGrant = existing ?? { grant: grantById(relay, grantId), shareId: null, usedAt: 0 }
    entry.usedAt = Date.now()
    unsealedGrants.delete(grantId)
    unsealedGrants.set(grantId, entry)
    dropUnused()
    if (entry !== existing)
      entry.grant.then(
        (grant) => {
          entry.shareId = grant?.shareId ?? null
        },
        () => unsealedGrants.get(grantId) === entry && unsealedGrants.delete(grantId),
      )
    return entry.grant
  }

  return {
    async requireGrant({ session }, grantId) {
      const use = session === null ? null : await useSession(relay, session, grantId)
      if (use === null) throw new OutpostError('link-unknown')
      if (use.sessionEnded || !use.grantLives) {
        // Reading the grant again gives the reason of the refusal as it is now.
        unsealedGrants.delete(grantId)
        const grant = await grantById(relay, grantId)
        if (grant === null) throw new OutpostError('link-unknown')
        if (use.sessionEnded) throw new OutpostError('session-ended')
        if (grant.blocked) throw blockedError(grant)
        return grant
      }
      const grant = await unsealGrant(grantId)
      if (grant === null) throw new OutpostError('link-unknown')
      return grant
    },
    close() {
      clearInterval(timer)
      unsubscribe()
      unsealedGrants.clear()
    },
  }
}
