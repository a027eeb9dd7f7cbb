/**
 * Sessions of recipients: which grants were opened in which browser. A grant stays open in a session until it is
 * closed, has not been used for IDLE_SECONDS, or was opened SESSION_SECONDS ago. Of the cookie's value only the SHA-256
 * is stored.
 */
import type { RelayContext } from '../ports/relay-context.ts'
import { sha256 } from '../sealing/relay-keys.ts'
import type { DatabaseTransaction } from '../ports/database.ts'

export const SESSION_SECONDS = 12 * 3600
const IDLE_SECONDS = 30 * 60
/** The time of the last use is stored at most this often, because a page requests many images in a row. */
const LAST_USE_INTERVAL_SECONDS = 60
/** A grant is open in this many sessions at most. One more ends the session that was unused for longest. */
const MAX_SESSIONS_PER_GRANT = 20
/** The row of a session is removed this long after the session began. Until then the page says that it has ended. */
const ROW_LIFETIME_SECONDS = 24 * 3600

const secondsBefore = (at: Date, seconds: number): Date => new Date(at.getTime() - seconds * 1000)

/**
 * Records that a request of a session uses a grant.
 * @returns null when the grant was not opened in the session
 */
export async function useSession(
  { db, now }: RelayContext,
  session: string,
  grantId: string,
): Promise<{ sessionEnded: boolean; grantLives: boolean } | null> {
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
  const sessionEnded =
    row.created_at <= secondsBefore(at, SESSION_SECONDS) || row.last_used_at <= secondsBefore(at, IDLE_SECONDS)
  if (!sessionEnded && row.last_used_at <= secondsBefore(at, LAST_USE_INTERVAL_SECONDS))
    await db
      .updateTable('portal_session')
      .set({ last_used_at: at })
      .where('session_sha256', '=', sha256(session))
      .where('grant_id', '=', grantId)
      .execute()
  const expired = row.expires_at !== null && row.expires_at <= at
  return { sessionEnded, grantLives: row.ended_by === null && row.blocked_at === null && !expired }
}

/** Whether any grant was opened in the session. */
export async function isKnownSession(transaction: DatabaseTransaction, session: string): Promise<boolean> {
  const row = await transaction
    .selectFrom('portal_session')
    .select('grant_id')
    .where('session_sha256', '=', sha256(session))
    .executeTakeFirst()
  return row !== undefined
}

/** Adds a grant to a session. If it is open there already, its time starts again. */
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
        .selectFrom('portal_session as newest')
        .select('newest.session_sha256')
        .where('newest.grant_id', '=', grantId)
        .orderBy('newest.last_used_at', 'desc')
        .orderBy('newest.created_at', 'desc')
        .limit(MAX_SESSIONS_PER_GRANT),
    )
    .execute()
}

/** Closes one grant of a session; its other grants stay open. */
export async function closeInSession({ db }: RelayContext, session: string, grantId: string): Promise<void> {
  await db
    .deleteFrom('portal_session')
    .where('session_sha256', '=', sha256(session))
    .where('grant_id', '=', grantId)
    .execute()
}

/** Removes the rows of sessions that ended long ago. @returns the number of rows */
export async function purgeSessions({ db, now }: RelayContext): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('portal_session')
    .where('created_at', '<=', secondsBefore(now(), ROW_LIFETIME_SECONDS))
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
