/** Procedures that need a signed-in staff member: the handler's context says who. */
import { os } from './rpc-context.ts'

/** @error not-signed-in */
export const signedIn = os.use(({ context, next }) => next({ context: { who: context.services.session.require() } }))
