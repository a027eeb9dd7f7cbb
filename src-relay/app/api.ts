/** The procedures that workstations call, at /api. */
import { implement } from '@orpc/server'
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import { relayContract } from '../../src-core/contract/relay.ts'
import type { RelayCaller } from '../../src-core/permissions/called-by.ts'
import { procedureServer } from '../../src-engine/http/procedures.ts'
import { witnessHead, witnessState } from '../audit/workstation-heads.ts'
import { directoryChanges } from '../directory/directory.ts'
import { enroll, organisationState, recordRefusedCode } from '../directory/enrolment.ts'
import { enrolmentTries } from '../directory/enrolment-tries.ts'
import { actingStaff, type ActingWorkstation } from '../directory/known-people.ts'
import { signIns, type SignIns } from '../directory/sign-in.ts'
import { confirmShare } from '../shares/confirm.ts'
import { unblockGrant } from '../shares/unblock.ts'
import { withdrawShare } from '../shares/withdraw.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { Peer } from '../callers/peer.ts'
import { procedureErrors } from '../http/rpc-errors.ts'
import { refuseUnknownTerms } from '../http/unknown-terms.ts'
import { authenticate, type Workstation } from '../callers/workstation-identity.ts'

/** The largest request is a confirmation that names 20,000 exams; it has about 4 MiB. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024
/** Enrolment has a limit of its own, since its caller is not known yet. It sends a code, a name and two keys. */
const MAX_ENROLMENT_BYTES = 64 * 1024
const ENROLL_PATH = '/api/enroll'

interface CallContext {
  readonly relay: RelayContext
  /** null for the procedure enroll only, whose caller has no token yet. */
  readonly workstation: Workstation | null
  /** The body as it was received. */
  readonly received: () => Uint8Array
  readonly signIns: SignIns
  /** Counts an attempt to enrol with a code. @error too-many-requests */
  readonly tryCode: <T>(enrolling: () => Promise<T>) => Promise<T>
}

/**
 * Decides whether a caller may call a procedure, by what the contract of the procedure states. Which member of staff
 * acts is known only inside the transaction of the procedure. The handler therefore gets a function that checks the
 * member for the action that the contract names.
 * @error revoked
 */
function permittedCaller(workstation: Workstation | null, calledBy: RelayCaller): ActingWorkstation | null {
  if (calledBy === 'anyone') return null
  if (workstation === null) throw new OutpostError('revoked')
  return {
    ...workstation,
    async actingStaff(db, reference) {
      if (calledBy === 'workstation') throw new OutpostError('not-allowed')
      return actingStaff(db, workstation.departmentId, reference, calledBy.workstationWithStaff)
    },
  }
}

const os = implement(relayContract)
  .$context<CallContext>()
  .use(({ context, procedure, next }) =>
    next({ context: { caller: permittedCaller(context.workstation, procedure['~orpc'].meta.calledBy) } }),
  )
/** Procedures whose handler needs the workstation that calls. @error revoked */
const enrolled = os.use(({ context: { caller }, next }) => {
  if (caller === null) throw new OutpostError('revoked')
  return next({ context: { workstation: caller } })
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
  const serveProcedure = procedureServer<CallContext>(router, {
    prefix: '/api',
    refine: refuseUnknownTerms,
    ...procedureErrors('api', relay.config.log),
  })
  const attempts = enrolmentTries(relay.now)
  const signInChecks = signIns(relay.db, relay.now)
  return (request, peer) => {
    const isEnrolment = new URL(request.url).pathname === ENROLL_PATH
    return serveProcedure(request, {
      limit: isEnrolment ? MAX_ENROLMENT_BYTES : MAX_REQUEST_BYTES,
      context: async (received) => ({
        relay,
        received,
        signIns: signInChecks,
        workstation: isEnrolment ? null : await authenticate(relay, request),
        tryCode: (enrolling) => attempts.run(peer, enrolling),
      }),
    })
  }
}
