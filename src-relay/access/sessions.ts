/**
 * Sessions of recipients: the grants that were opened in one browser. Each stays open until it is closed, not used for
 * a while, or old. The database keeps the SHA-256 of the cookie's value.
 */
import type { RelayContext } from '../ports/relay-context.ts'
import { sha256 } from '../sealing/relay-keys.ts'
import type { DatabaseTransaction } from '../ports/database.ts'

export const SESSION_SECONDS = 12 * 3600
const IDLE_SECONDS = 30 * 60
/** The last use is written down at most this often: a page asks for many images in a row. */
const NOTED_SECONDS = 60
/** Of one grant at once. One more ends the one that was not used for longest. */
export const MOST_SESSIONS = 20
/** For so long a recipient who comes back is told that the session ended; later the cookie is unknown. */
const FORGOTTEN_SECONDS = 24 * 3600

const before = (at: Date, seconds: number): Date => new Date(at.getTime() - seconds * 1000)

/**
 * Records that a session uses a grant that it opened.
 * @returns whether the session is over for this grant, and whether the grant lives; null when it was not opened there
 */
export async function useSession(
  { db, now }: RelayContext,
  session: string,
  grantId: string,
): Promise<{ over: boolean; grantLives: boolean } | null> {
  const at = now()
  const row = await db
    .selectFrom('portal_session')
    .innerJoin('share_grant', 'share_grant.grant_id', 'portal_session.grant_id')
    .innerJoin('share', 'share.share_id', 'share_grant.share_id')
    .select(['portal_session.created_at', 'last_used_at', 'blocked_at', 'ended_by', 'expires_at'])
    .where('session_sha256', '=', sha256(session))
    .where('portal_session.grant_id', '=', grantId)
    .executeTakeFirst()
  if (row === undefined) return null
  const over = row.created_at <= before(at, SESSION_SECONDS) || row.last_used_at <= before(at, IDLE_SECONDS)
  if (!over && row.last_used_at <= before(at, NOTED_SECONDS))
    await db
      .updateTable('portal_session')
      .set({ last_used_at: at })
      .where('session_sha256', '=', sha256(session))
      .where('grant_id', '=', grantId)
      .execute()
  const expired = row.expires_at !== null && row.expires_at <= at
  return { over, grantLives: row.ended_by === null && row.blocked_at === null && !expired }
}

/** Whether a browser has opened anything with this cookie. */
export async function isKnownSession(transaction: DatabaseTransaction, session: string): Promise<boolean> {
  const row = await transaction
    .selectFrom('portal_session')
    .select('grant_id')
    .where('session_sha256', '=', sha256(session))
    .executeTakeFirst()
  return row !== undefined
}

/** Adds a grant to a session, or begins its time again. */
export async function openInSession(
  transaction: DatabaseTransaction,
  grantId: string,
  session: string,
  at: Date,
): Promise<void> {
  await transaction
    .insertInto('portal_session')
    .values({ session_sha256: sha256(session), grant_id: grantId, created_at: at, last_used_at: at })
    .onConflict((conflict) =>
      conflict.columns(['session_sha256', 'grant_id']).doUpdateSet({ created_at: at, last_used_at: at }),
    )
    .execute()
  await transaction
    .deleteFrom('portal_session')
    .where('grant_id', '=', grantId)
    .where('session_sha256', 'not in', (expression) =>
      expression
        .selectFrom('portal_session as kept')
        .select('kept.session_sha256')
        .where('kept.grant_id', '=', grantId)
        .orderBy('kept.last_used_at', 'desc')
        .orderBy('kept.created_at', 'desc')
        .limit(MOST_SESSIONS),
    )
    .execute()
}

/** Ends a grant in a session; others that it holds stay open. */
export async function closeInSession({ db }: RelayContext, session: string, grantId: string): Promise<void> {
  await db
    .deleteFrom('portal_session')
    .where('session_sha256', '=', sha256(session))
    .where('grant_id', '=', grantId)
    .execute()
}

/** Removes the rows of sessions that ended long ago. @returns how many */
export async function purgeSessions({ db, now }: RelayContext): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('portal_session')
    .where('created_at', '<=', before(now(), FORGOTTEN_SECONDS))
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
