/** The procedures that workstations call, at /api. */
import { implement } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fetch'
import { relayContract } from '../../src-core/contract/relay.ts'
import { directoryChanges } from '../directory/directory.ts'
import { enroll, organisationState } from '../directory/enrolment.ts'
import { confirmShare } from '../shares/confirm.ts'
import { unblockGrant } from '../shares/unblock.ts'
import { withdrawShare } from '../shares/withdraw.ts'
import type { RelayContext } from './config.ts'
import { typedErrors } from './rpc-errors.ts'
import { refuseUnknownTerms } from './unknown-terms.ts'
import { authenticate } from './workstation-identity.ts'

interface CallContext {
  readonly relay: RelayContext
  readonly request: Request
  /** The body as it was received. */
  readonly body: () => Promise<Buffer>
}

const os = implement(relayContract).$context<CallContext>()
const enrolled = os.use(async ({ context, next }) =>
  next({ context: { workstation: await authenticate(context.relay, context.request) } }),
)

const router = os.router({
  enroll: os.enroll.handler(({ context, input }) => enroll(context.relay, input)),
  organisation: enrolled.organisation.handler(({ context, input }) =>
    organisationState(context.relay.db, context.workstation, input?.protocol),
  ),
  directory: enrolled.directory.handler(({ context, input }) =>
    directoryChanges(context.relay.db, context.workstation.organisationId, input.after, input.limit),
  ),
  confirm: enrolled.confirm.handler(async ({ context, input }) =>
    confirmShare(context.relay, context.workstation, input, await context.body()),
  ),
  withdraw: enrolled.withdraw.handler(({ context, input }) => withdrawShare(context.relay, context.workstation, input)),
  unblock: enrolled.unblock.handler(({ context, input }) => unblockGrant(context.relay, context.workstation, input)),
})

/** Answers a request below /api, or null when there is no such procedure. */
export function workstationApi(relay: RelayContext): (request: Request) => Promise<Response | null> {
  const handler = new RPCHandler(router, {
    clientInterceptors: [typedErrors('api', relay.config.log), refuseUnknownTerms],
  })
  return async (request) => {
    const copy = request.clone()
    const body = async (): Promise<Buffer> => Buffer.from(await copy.arrayBuffer())
    const { matched, response } = await handler.handle(request, { prefix: '/api', context: { relay, request, body } })
    return matched ? response : null
  }
}
