/** The procedures that workstations call, at /api. */
import { implement } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fetch'
import { relayContract } from '../../src-core/contract/relay.ts'
import { directoryChanges } from '../directory/directory.ts'
import { departmentState, enroll } from '../directory/enrolment.ts'
import { confirmShare } from '../shares/confirm.ts'
import { unblockGrant } from '../shares/unblock.ts'
import { withdrawShare } from '../shares/withdraw.ts'
import type { RelayContext } from './config.ts'
import { typedErrors } from './rpc-errors.ts'
import { authenticate } from './workstation-identity.ts'

interface CallContext {
  readonly relay: RelayContext
  readonly request: Request
}

const os = implement(relayContract).$context<CallContext>()
const enrolled = os.use(async ({ context, next }) =>
  next({ context: { workstation: await authenticate(context.relay, context.request) } }),
)

const router = os.router({
  enroll: os.enroll.handler(({ context, input }) => enroll(context.relay, input)),
  organisation: enrolled.organisation.handler(({ context }) =>
    departmentState(context.relay.db, context.workstation.departmentId),
  ),
  directory: enrolled.directory.handler(({ context, input }) =>
    directoryChanges(context.relay.db, context.workstation.organisationId, input.after, input.limit),
  ),
  confirm: enrolled.confirm.handler(({ context, input }) => confirmShare(context.relay, context.workstation, input)),
  withdraw: enrolled.withdraw.handler(({ context, input }) => withdrawShare(context.relay, context.workstation, input)),
  unblock: enrolled.unblock.handler(({ context, input }) => unblockGrant(context.relay, context.workstation, input)),
})

/** Answers a request below /api, or null when there is no such procedure. */
export function workstationApi(relay: RelayContext): (request: Request) => Promise<Response | null> {
  const handler = new RPCHandler(router, { clientInterceptors: [typedErrors('api', relay.config.log)] })
  return async (request) => {
    const { matched, response } = await handler.handle(request, { prefix: '/api', context: { relay, request } })
    return matched ? response : null
  }
}
