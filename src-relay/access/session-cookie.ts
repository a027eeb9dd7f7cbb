/** The cookie that binds an opened grant to one browser. Its value is random. */
import { newToken } from '../sealing/relay-keys.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { record } from '../audit/relay-log.ts'
import { appendEvent } from '../feed/feed-events.ts'
import { actOf, eventOf, type LiveGrant } from './grants.ts'
import { beginSession, endSession, SESSION_SECONDS } from './sessions.ts'

const NAME = 'outpost-grant'

export function sessionOf(request: Request): string | null {
  return (
    new RegExp(`(?:^|;\\s*)${NAME}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(request.headers.get('cookie') ?? '')?.[1] ?? null
  )
}

function cookie(relay: RelayContext, value: string, maxAgeSeconds: number): string {
  const secure = relay.config.publicUrl.startsWith('https:') ? '; Secure' : ''
  return `${NAME}=${value}; Path=/portal; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`
}

/**
 * Opens the grant in this browser; the first time tells the sender.
 * @param earlier the session that the browser had before: it ends
 * @returns the Set-Cookie value
 */
export async function openSession(relay: RelayContext, grant: LiveGrant, earlier: string | null): Promise<string> {
  const session = newToken()
  const at = relay.now()
  await relay.db.transaction().execute(async (transaction) => {
    // Two who open the same grant at once take turns, so that the limit of its sessions holds.
    const { opened_at: openedBefore } = await transaction
      .selectFrom('share_grant')
      .select('opened_at')
      .where('grant_id', '=', grant.grantId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    await beginSession(transaction, grant.grantId, session, earlier, at)
    if (openedBefore !== null) return record(transaction, { ...actOf(grant), at, action: 'opened-again' })
    await transaction.updateTable('share_grant').set({ opened_at: at }).where('grant_id', '=', grant.grantId).execute()
    await appendEvent(transaction, { ...eventOf(grant), type: 'opened', at })
  })
  return cookie(relay, session, SESSION_SECONDS)
}

/** @returns the Set-Cookie value that clears it */
export async function closeSession(relay: RelayContext, session: string | null): Promise<string> {
  if (session !== null) await endSession(relay.db, session)
  return cookie(relay, '', 0)
}
