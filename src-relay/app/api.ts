/** The procedures that workstations call, at /api. */
import { implement } from '@orpc/server'
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import { relayContract } from '../../src-core/contract/relay.ts'
import { procedureServer } from '../../src-engine/http/procedures.ts'
import { witnessHead, witnessState } from '../audit/workstation-heads.ts'
import { directoryChanges } from '../directory/directory.ts'
import { enroll, organisationState, recordRefusedCode } from '../directory/enrolment.ts'
import { enrolmentTries } from '../directory/enrolment-tries.ts'
import { signIns, type SignIns } from '../directory/sign-in.ts'
import { confirmShare } from '../shares/confirm.ts'
import { unblockGrant } from '../shares/unblock.ts'
import { withdrawShare } from '../shares/withdraw.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { Peer } from '../callers/peer.ts'
import { procedureErrors } from '../http/rpc-errors.ts'
import { refuseUnknownTerms } from '../http/unknown-terms.ts'
import { authenticate, type Workstation } from '../callers/workstation-identity.ts'

/** Bytes of a body. The largest request, a confirmation that names 20,000 exams, has about 4 MiB. */
const MAX_REQUEST = 8 * 1024 * 1024
/** Whoever enrols is not known yet: a code, a name and two keys. */
const MAX_ENROLMENT = 64 * 1024
const ENROLL_PATH = '/api/enroll'

interface CallContext {
  readonly relay: RelayContext
  /** null for enroll alone. */
  readonly workstation: Workstation | null
  /** The body as it was received. */
  readonly received: () => Uint8Array
  readonly signIns: SignIns
  /** Takes a try at a code from the caller's allowance. @error too-many-requests */
  readonly tryCode: <T>(enrolling: () => Promise<T>) => Promise<T>
}

const os = implement(relayContract).$context<CallContext>()
const enrolled = os.use(async ({ context: { workstation }, next }) => {
  if (workstation === null) throw new OutpostError('revoked')
  return next({ context: { workstation } })
})

const router = os.router({
  enroll: os.enroll.handler(({ context, input }) =>
    context.tryCode(() =>
      enroll(context.relay, input).catch(async (error: unknown) => {
        if (codeOf(error) === 'wrong-enrolment-code') await recordRefusedCode(context.relay)
        throw error
      }),
    ),
  ),
  organisation: enrolled.organisation.handler(({ context, input }) =>
    organisationState(context.relay.db, context.workstation, input?.protocol),
  ),
  signIn: enrolled.signIn.handler(async ({ context, input }) => {
    await context.signIns.check(context.workstation, input.staffId, input.password)
    return { ok: true as const }
  }),
  directory: enrolled.directory.handler(({ context, input }) =>
    directoryChanges(context.relay.db, context.workstation.organisationId, input.after, input.limit),
  ),
  auditHeads: enrolled.auditHeads.handler(({ context }) =>
    witnessState(context.relay.db, context.workstation.workstationId),
  ),
  witnessHead: enrolled.witnessHead.handler(({ context, input }) =>
    witnessHead(context.relay, context.workstation, input),
  ),
  confirm: enrolled.confirm.handler(({ context, input }) =>
    confirmShare(context.relay, context.workstation, input, context.received()),
  ),
  withdraw: enrolled.withdraw.handler(({ context, input }) => withdrawShare(context.relay, context.workstation, input)),
  unblock: enrolled.unblock.handler(({ context, input }) => unblockGrant(context.relay, context.workstation, input)),
})

/** Answers a request below /api, or null when there is no such procedure. */
export function workstationApi(relay: RelayContext): (request: Request, peer: Peer) => Promise<Response | null> {
  const answer = procedureServer<CallContext>(router, {
    prefix: '/api',
    refine: refuseUnknownTerms,
    ...procedureErrors('api', relay.config.log),
  })
  const tries = enrolmentTries(relay.now)
  const staff = signIns(relay.db, relay.now)
  return (request, peer) => {
    const enrols = new URL(request.url).pathname === ENROLL_PATH
    return answer(request, {
      limit: enrols ? MAX_ENROLMENT : MAX_REQUEST,
      context: async (received) => ({
        relay,
        received,
        signIns: staff,
        workstation: enrols ? null : await authenticate(relay, request),
        tryCode: (enrolling) => tries.run(peer, enrolling),
      }),
    })
  }
}
