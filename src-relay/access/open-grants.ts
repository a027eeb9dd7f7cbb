/**
 * The grants that are open in browsers. Each request asks whether its session and its grant live, in one query; what a
 * grant unseals is kept in the memory of the process meanwhile, and dropped the moment the grant ends.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { blockedFor, grantById, type LiveGrant } from './grants.ts'
import type { Principal } from './principal.ts'
import { useSession } from './sessions.ts'

/** An unsealed grant is dropped when no request has used it for this long. */
const KEPT_MS = 5 * 60_000
/** When there are more, the grant that has been unused for longest is dropped. */
const MOST_KEPT = 200

export interface OpenGrants {
  /**
   * One of the grants that a principal holds.
   * @error link-unknown not held, or withdrawn; session-ended; link-expired; blocked
   */
  heldBy(principal: Principal, grantId: string): Promise<LiveGrant>
  close(): void
}

interface Kept {
  readonly grant: Promise<LiveGrant | null>
  /** Known once the grant is unsealed. */
  shareId: string | null
  usedAt: number
}

export function openGrants(relay: RelayContext): OpenGrants {
  /** By grant, the least recently used first. Whether the principal holds the grant is asked before. */
  const kept = new Map<string, Kept>()
  const unsubscribe = relay.endings.subscribe((ended) => {
    // The share of a grant that is still being unsealed is not known yet, so every ending drops it.
    for (const [grantId, { shareId }] of kept)
      if (ended === null || shareId === null || shareId === ended) kept.delete(grantId)
  })
  const dropUnused = (): void => {
    const oldest = Date.now() - KEPT_MS
    for (const [grantId, { usedAt }] of kept) if (usedAt < oldest || kept.size > MOST_KEPT) kept.delete(grantId)
  }
  const timer = setInterval(dropUnused, KEPT_MS / 5)
  timer.unref()

  const unsealed = (grantId: string): Promise<LiveGrant | null> => {
    const known = kept.get(grantId)
    const entry: Kept = known ?? { grant: grantById(relay, grantId), shareId: null, usedAt: 0 }
    entry.usedAt = Date.now()
    kept.delete(grantId)
    kept.set(grantId, entry)
    dropUnused()
    if (entry !== known)
      entry.grant.then(
        (grant) => {
          entry.shareId = grant?.shareId ?? null
        },
        () => kept.get(grantId) === entry && kept.delete(grantId),
      )
    return entry.grant
  }

  return {
    async heldBy({ session }, grantId) {
      const used = session === null ? null : await useSession(relay, session, grantId)
      if (used === null) throw new OutpostError('link-unknown')
      if (used.over || !used.grantLives) {
        // The refusal tells the reason, read from the grant as it is now.
        kept.delete(grantId)
        const grant = await grantById(relay, grantId)
        if (grant === null) throw new OutpostError('link-unknown')
        if (used.over) throw new OutpostError('session-ended')
        if (grant.blocked) throw blockedFor(grant)
        return grant
      }
      const grant = await unsealed(grantId)
      if (grant === null) throw new OutpostError('link-unknown')
      return grant
    },
    close() {
      clearInterval(timer)
      unsubscribe()
      kept.clear()
    },
  }
}
