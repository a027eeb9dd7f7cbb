/** The cookie that binds an opened grant to one browser. Its value is random; the relay keeps the SHA-256. */
import { newToken, sha256 } from '../app/keys.ts'
import type { RelayContext } from '../app/config.ts'
import { appendEvent } from '../shares/feed-events.ts'
import type { LiveGrant } from './grants.ts'

const NAME = 'outpost-grant'

export function sessionOf(request: Request): string | null {
  return (
    new RegExp(`(?:^|;\\s*)${NAME}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(request.headers.get('cookie') ?? '')?.[1] ?? null
  )
}

function cookie(relay: RelayContext, value: string, more: string): string {
  return `${NAME}=${value}; Path=/portal; HttpOnly; SameSite=Strict${relay.config.publicUrl.startsWith('https:') ? '; Secure' : ''}${more}`
}

/** Opens the grant in this browser; the first time tells the sender. @returns the Set-Cookie value */
export async function openSession(relay: RelayContext, grant: LiveGrant): Promise<string> {
  const session = newToken()
  const at = relay.now()
  await relay.db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('portal_session')
      .values({ session_sha256: sha256(session), grant_id: grant.grantId, created_at: at })
      .execute()
    const first = await transaction
      .updateTable('share_grant')
      .set({ opened_at: at })
      .where('grant_id', '=', grant.grantId)
      .where('opened_at', 'is', null)
      .returning('grant_id')
      .executeTakeFirst()
    if (first !== undefined)
      await appendEvent(transaction, {
        type: 'opened',
        at,
        departmentId: grant.departmentId,
        workstationId: grant.workstationId,
        shareId: grant.shareId,
        recipientId: grant.recipientId,
      })
  })
  return cookie(relay, session, '')
}

/** @returns the Set-Cookie value that clears it */
export async function closeSession(relay: RelayContext, session: string | null): Promise<string> {
  if (session !== null)
    await relay.db.deleteFrom('portal_session').where('session_sha256', '=', sha256(session)).execute()
  return cookie(relay, '', '; Max-Age=0')
}
