/** Procedures of the group shares: Share status per recipient, withdrawing, unblocking. */
import type { ShareMoment } from '../../../src-core/contract/shares.ts'
import { shareEnd, type ShareEnd } from '../../../src-core/sharing/validity.ts'
import type { ShareRow } from '../../ports/records.ts'
import type { StoredEntry } from '../../ports/stored-json.ts'
import { signedIn } from '../rpc-context.ts'

const done = { ok: true } as const

function endOf(
  { deliveredAt, expiresAt }: Pick<ShareRow, 'deliveredAt' | 'expiresAt'>,
  timeZone: string,
): ShareEnd | null {
  if (deliveredAt === null || expiresAt === null) return null
  return shareEnd(new Date(expiresAt), new Date(deliveredAt), timeZone)
}

/** The page gets codes and names of recipients only; everything else in the entry is omitted. */
function shareMoment({ at, action, actor, detail }: StoredEntry, nameOf: ReadonlyMap<string, string>): ShareMoment {
  const { recipientId, reason } = detail
  return {
    at,
    action,
    actor: { kind: actor.kind, name: actor.name },
    recipient: typeof recipientId === 'string' ? (nameOf.get(recipientId) ?? null) : null,
    reason: typeof reason === 'string' && action !== 'share' ? reason : null,
  }
}

export const sharesProcedures = {
  list: signedIn.shares.list.handler(async ({ input, context: { services, who } }) => {
    const { total, rows } = await services.storage.shares.shares(
      { StudyInstanceUID: input.StudyInstanceUID, state: input.state },
      input.offset,
      input.limit,
    )
    const { timeZone } = who.enrolment.policy
    const view = ({ staffId, ...row }: ShareRow) => ({
      ...row,
      end: endOf(row, timeZone),
      own: staffId === who.staff.staffId,
    })
    return { total, rows: rows.map(view) }
  }),
  history: signedIn.shares.history.handler(async ({ input: { shareId }, context: { services } }) => {
    const { audit, shares } = services.storage
    const { recipients } = await shares.status(shareId)
    const nameOf = new Map(recipients.map(({ recipientId, name }) => [recipientId, name]))
    return (await audit.about(shareId)).map(({ entry }) => shareMoment(entry, nameOf))
  }),
  withdraw: signedIn.shares.withdraw.handler(async ({ input: { shareId }, context: { services, who } }) => {
    const { storage, sync, events, host } = services
    await storage.ledger.withdraw(shareId, who.actor, host.now().toISOString())
    sync.kick()
    for (const type of ['outbox', 'shares', 'library'] as const) events.emit({ type })
    return done
  }),
  unblock: signedIn.shares.unblock.handler(async ({ input: { shareId, recipientId }, context: { services, who } }) => {
    await services.storage.ledger.unblock(shareId, recipientId, who.actor, services.host.now().toISOString())
    services.sync.kick()
    services.events.emit({ type: 'shares' })
    return done
  }),
}
