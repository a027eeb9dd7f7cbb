/**
 * The procedures that recipients' pages call, at /portal/rpc. Only POST requests of the relay's own pages are taken.
 */
import { implement } from '@orpc/server'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { OpenedGrant, portalContract } from '../../src-core/contract/portal.ts'
import { RecipientTerms } from '../../src-core/contract/terms/share-terms.ts'
import { shareEnd } from '../../src-core/sharing/validity.ts'
import { procedureServer } from '../../src-engine/http/procedures.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { procedureErrors } from '../http/rpc-errors.ts'
import { openGrantedPackage } from '../dicomweb/granted-package.ts'
import { challenge, gateBefore, passGate } from '../access/gates/gates.ts'
import { grantOfToken, type LiveGrant } from '../access/grants.ts'
import type { OpenGrants } from '../access/open-grants.ts'
import type { Principal } from '../access/principal.ts'
import { closeSession, openSession, principalOf } from '../access/session-cookie.ts'

/** A request has a token and a code at most. */
const MAX_REQUEST_BYTES = 64 * 1024

interface CallContext {
  readonly relay: RelayContext
  readonly grants: OpenGrants
  readonly principal: Principal
  readonly cookies: string[]
}

/**
 * Where the contract requires an opened link, finds the grant that the input names among those that are open in the
 * caller's browser. Where the contract requires a link, the handler checks the token in its input.
 * @error bad-request, link-unknown, session-ended
 */
const os = implement(portalContract)
  .$context<CallContext>()
  .use(async ({ context, procedure, next }, input: unknown) => {
    const { calledBy } = procedure['~orpc'].meta
    const openGrant = calledBy === 'opened-link' ? await openedGrant(context, input) : null
    return next({ context: { openGrant } })
  })
const withOpenGrant = os.use(({ context: { openGrant: grant }, next }) => {
  if (grant === null) throw new OutpostError('link-unknown')
  return next({ context: { grant } })
})

async function openedGrant({ grants, principal }: CallContext, input: unknown): Promise<LiveGrant> {
  const parsed = OpenedGrant.safeParse(input)
  if (!parsed.success) throw new OutpostError('bad-request')
  return grants.requireGrant(principal, parsed.data.grantId)
}

/** Whether the gate of the grant was passed in this browser before. */
async function hasPassedGate({ grants, principal }: CallContext, grant: LiveGrant): Promise<boolean> {
  return grants.requireGrant(principal, grant.grantId).then(
    () => true,
    () => false,
  )
}

const senderOf = (grant: LiveGrant) => ({
  sender: grant.details.sender.name,
  department: grant.department,
  organisation: grant.organisation,
  contact: grant.policy.contact,
  language: grant.language,
})

const router = os.router({
  linkInfo: os.linkInfo.handler(async ({ context, input }) => {
    const grant = await grantOfToken(context.relay, input.token)
    return { ...senderOf(grant), ...(await gateBefore(grant, () => hasPassedGate(context, grant))) }
  }),
  sendOtp: os.sendOtp.handler(async ({ context, input }) =>
    challenge(context.relay, await grantOfToken(context.relay, input.token)),
  ),
  open: os.open.handler(async ({ context, input }) => {
    const grant = await grantOfToken(context.relay, input.token)
    await passGate(context.relay, grant, input.otp ?? '', () => hasPassedGate(context, grant))
    context.cookies.push(await openSession(context.relay, grant, context.principal))
    return { grantId: grant.grantId }
  }),
  exam: withOpenGrant.exam.handler(async ({ context: { grant, ...context } }) => {
    const granted = await openGrantedPackage(context.relay, grant)
    return {
      grantId: grant.grantId,
      ...senderOf(grant),
      message: grant.details.message,
      right: grant.right,
      terms: RecipientTerms.parse(grant.terms),
      deliveredAt: grant.deliveredAt.toISOString(),
      end: grant.expiresAt && shareEnd(grant.expiresAt, grant.deliveredAt, grant.policy.timeZone),
      recipient: grant.contact.name,
      downloadBytes: granted.downloadBytes,
      hasReport: granted.hasReport,
      studies: granted.exams,
    }
  }),
  close: os.close.handler(async ({ context, input }) => {
    await closeSession(context.relay, context.principal, input.grantId)
    return { ok: true } as const
  }),
})

/** Answers a request below /portal/rpc, or null when there is no such procedure. */
export function portalApi(relay: RelayContext, grants: OpenGrants): (request: Request) => Promise<Response | null> {
  const serveProcedure = procedureServer<CallContext>(router, {
    prefix: '/portal/rpc',
    ...procedureErrors('portal', relay.config.log),
  })
  return async (request) => {
    if (request.method !== 'POST')
      return Response.json({ code: 'bad-request' }, { status: 405, headers: { Allow: 'POST' } })
    const origin = request.headers.get('origin')
    if (origin !== null && origin !== new URL(request.url).origin && origin !== new URL(relay.config.publicUrl).origin)
      return Response.json({ code: 'wrong-origin' }, { status: 403 })
    const cookies: string[] = []
    const response = await serveProcedure(request, {
      limit: MAX_REQUEST_BYTES,
      context: () => ({ relay, grants, principal: principalOf(request), cookies }),
    })
    if (response === null) return null
    const headers = new Headers(response.headers)
    for (const cookie of cookies) headers.append('Set-Cookie', cookie)
    return new Response(response.body, { status: response.status, headers })
  }
}
