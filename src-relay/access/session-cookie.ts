/** The cookie that identifies a browser's session, to which the grants belong that were opened in it. */
import { newToken } from '../sealing/relay-keys.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { record } from '../audit/relay-log.ts'
import { appendEvent } from '../feed/feed-events.ts'
import { recipientEntry, recipientEvent, type LiveGrant } from './grants.ts'
import type { Principal } from './principal.ts'
import { closeInSession, isKnownSession, openInSession, SESSION_SECONDS } from './sessions.ts'

const COOKIE_NAME = 'outpost-grant'

export function principalOf(request: Request): Principal {
  const session =
    new RegExp(`(?:^|;\\s*)${COOKIE_NAME}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(request.headers.get('cookie') ?? '')?.[1] ??
    null
  return { kind: 'browser', session }
}

function cookie(relay: RelayContext, value: string): string {
  const secure = relay.config.publicUrl.startsWith('https:') ? '; Secure' : ''
  return `${COOKIE_NAME}=${value}; Path=/portal; HttpOnly; SameSite=Strict; Max-Age=${SESSION_SECONDS}${secure}`
}

/**
 * Opens the grant in this browser. When a grant is opened for the first time the sender gets an event.
 * @param principal its session is used again only if the relay knows it, so that a caller cannot choose its value
 * @returns the Set-Cookie value
 */
export async function openSession(
  relay: RelayContext,
  grant: LiveGrant,
  { session: currentSession }: Principal,
): Promise<string> {
  const at = relay.now()
  return relay.db.transaction().execute(async (transaction) => {
    // The row lock makes two requests that open the same grant wait for each other: the limit of sessions holds.
    const { opened_at: openedBefore } = await transaction
      .selectFrom('share_grant')
      .select('opened_at')
      .where('grant_id', '=', grant.grantId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const isReusable = currentSession !== null && (await isKnownSession(transaction, currentSession))
    const session = isReusable ? currentSession : newToken()
    await openInSession(transaction, grant.grantId, session, at)
    if (openedBefore === null) {
      await transaction
        .updateTable('share_grant')
        .set({ opened_at: at })
        .where('grant_id', '=', grant.grantId)
        .execute()
      await appendEvent(transaction, { ...recipientEvent(grant), type: 'opened', at })
    } else await record(transaction, { ...recipientEntry(grant), at, action: 'opened-again' })
    return cookie(relay, session)
  })
}

/** Ends the grant in this browser. */
export async function closeSession(relay: RelayContext, { session }: Principal, grantId: string): Promise<void> {
  if (session !== null) await closeInSession(relay, session, grantId)
}
