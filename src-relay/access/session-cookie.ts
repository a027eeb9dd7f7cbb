/** The cookie that names a browser's session, which holds the grants that were opened there. Its value is random. */
import { newToken } from '../sealing/relay-keys.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { record } from '../audit/relay-log.ts'
import { appendEvent } from '../feed/feed-events.ts'
import { actOf, eventOf, type LiveGrant } from './grants.ts'
import type { Principal } from './principal.ts'
import { closeInSession, isKnownSession, openInSession, SESSION_SECONDS } from './sessions.ts'

const NAME = 'outpost-grant'

export function principalOf(request: Request): Principal {
  const session =
    new RegExp(`(?:^|;\\s*)${NAME}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(request.headers.get('cookie') ?? '')?.[1] ?? null
  return { kind: 'browser', session }
}

function cookie(relay: RelayContext, value: string): string {
  const secure = relay.config.publicUrl.startsWith('https:') ? '; Secure' : ''
  return `${NAME}=${value}; Path=/portal; HttpOnly; SameSite=Strict; Max-Age=${SESSION_SECONDS}${secure}`
}

/**
 * Opens the grant in this browser. The first time is an event for the sender.
 * @param known the session that the browser names; it is not taken over when nothing was opened in it
 * @returns the Set-Cookie value
 */
export async function openSession(
  relay: RelayContext,
  grant: LiveGrant,
  { session: known }: Principal,
): Promise<string> {
  const at = relay.now()
  return relay.db.transaction().execute(async (transaction) => {
    // Two who open the same grant at once take turns, so that the limit of its sessions holds.
    const { opened_at: openedBefore } = await transaction
      .selectFrom('share_grant')
      .select('opened_at')
      .where('grant_id', '=', grant.grantId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const session = known !== null && (await isKnownSession(transaction, known)) ? known : newToken()
    await openInSession(transaction, grant.grantId, session, at)
    if (openedBefore === null) {
      await transaction
        .updateTable('share_grant')
        .set({ opened_at: at })
        .where('grant_id', '=', grant.grantId)
        .execute()
      await appendEvent(transaction, { ...eventOf(grant), type: 'opened', at })
    } else await record(transaction, { ...actOf(grant), at, action: 'opened-again' })
    return cookie(relay, session)
  })
}

/** Ends the grant in this browser. */
export async function closeSession(relay: RelayContext, { session }: Principal, grantId: string): Promise<void> {
  if (session !== null) await closeInSession(relay, session, grantId)
}
