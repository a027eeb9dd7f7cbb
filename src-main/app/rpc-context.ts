/** The context of every procedure of the workstation's contract, and the check of who may call it. */
import { implement } from '@orpc/server'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { ShareRef, workstationContract } from '../../src-core/contract/workstation.ts'
import type { WorkstationCaller } from '../../src-core/permissions/called-by.ts'
import { requireRole, type SignedIn } from '../staff/session.ts'
import type { Services } from './services.ts'

export interface RpcContext {
  readonly services: Services
}

/**
 * Decides who may call a procedure, by the access that the contract states for it. No other code decides this.
 * @returns the signed-in staff member; null where anyone may call
 * @error not-signed-in, not-allowed, share-not-found
 */
async function permittedCaller(
  { session, storage }: Services,
  calledBy: WorkstationCaller,
  input: unknown,
): Promise<SignedIn | null> {
  if (calledBy === 'anyone') return null
  if (typeof calledBy === 'string') return session.requireFor(calledBy)
  const who = session.require()
  const named = ShareRef.safeParse(input)
  if (!named.success) throw new OutpostError('bad-request')
  const { actor } = await storage.ledger.shareHead(named.data.shareId)
  requireRole(who, actor.staffId === who.staff.staffId ? calledBy.ownShare : calledBy.sharesOfOthers)
  return who
}

/** The contract, implemented group by group. The program fails to start when a procedure has no handler. */
export const os = implement(workstationContract)
  .$context<RpcContext>()
  .use(async ({ context, procedure, next }, input) =>
    next({ context: { who: await permittedCaller(context.services, procedure['~orpc'].meta.calledBy, input) } }),
  )

/**
 * Base of the procedures whose handler needs the signed-in staff member, found by the check above. @error not-signed-in
 */
export const signedIn = os.use(({ context: { who }, next }) => {
  if (who === null) throw new OutpostError('not-signed-in')
  return next({ context: { who } })
})
