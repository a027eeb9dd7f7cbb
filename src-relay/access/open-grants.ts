/**
 * The grants that are open in browsers. Each request asks whether its session and its grant live, in one query; what a
 * grant unseals is kept in the memory of the process meanwhile, and dropped the moment the grant ends.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { blockedFor, grantById, type LiveGrant } from './grants.ts'
import { useSession } from './sessions.ts'

/** An unsealed grant is dropped when no request has used it for this long. */
const KEPT_MS = 5 * 60_000
/** When there are more, the grant that has been unused for longest is dropped. */
const MOST_KEPT = 200

export interface OpenGrants {
  /** @error link-unknown no grant, not opened in this browser, or withdrawn; session-ended; link-expired; blocked */
  ofSession(session: string | null): Promise<LiveGrant>
  close(): void
}

interface Kept {
  readonly grantId: string
  readonly grant: Promise<LiveGrant | null>
  /** Known once the grant is unsealed. */
  shareId: string | null
  usedAt: number
}

export function openGrants(relay: RelayContext): OpenGrants {
  /** By session; the one that was used last is the last. */
  const kept = new Map<string, Kept>()
  const unsubscribe = relay.endings.subscribe((ended) => {
    // The share of a grant that is still being unsealed is not known yet, so every ending drops it.
    for (const [session, { shareId }] of kept)
      if (ended === null || shareId === null || shareId === ended) kept.delete(session)
  })
  const dropUnused = (): void => {
    const oldest = Date.now() - KEPT_MS
    for (const [session, { usedAt }] of kept) if (usedAt < oldest || kept.size > MOST_KEPT) kept.delete(session)
  }
  const timer = setInterval(dropUnused, KEPT_MS / 5)
  timer.unref()

  const unsealed = (session: string, grantId: string): Promise<LiveGrant | null> => {
    const known = kept.get(session)
    const entry: Kept =
      known?.grantId === grantId ? known : { grantId, grant: grantById(relay, grantId), shareId: null, usedAt: 0 }
    entry.usedAt = Date.now()
    kept.delete(session)
    kept.set(session, entry)
    dropUnused()
    if (entry !== known)
      entry.grant.then(
        (grant) => {
          entry.shareId = grant?.shareId ?? null
        },
        () => kept.get(session) === entry && kept.delete(session),
      )
    return entry.grant
  }

  return {
    async ofSession(session) {
      const used = session === null ? null : await useSession(relay, session)
      if (session === null || used === null || used.over || !used.grantLives) {
        if (session !== null) kept.delete(session)
        // The refusal tells the reason, read from the grant as it is now.
        const grant = used === null ? null : await grantById(relay, used.grantId)
        if (used === null || grant === null) throw new OutpostError('link-unknown')
        if (used.over) throw new OutpostError('session-ended')
        if (grant.blocked) throw blockedFor(grant)
        return grant
      }
      const grant = await unsealed(session, used.grantId)
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
