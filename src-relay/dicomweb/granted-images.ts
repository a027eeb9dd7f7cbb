/** Images and download of a grant, below /portal/grants/<grantId>. Whether the browser may is checked at each request. */
import type { Imaging } from '../../src-engine/imaging.ts'
import type { DicomWebSource } from '../../src-engine/dicomweb-source.ts'
import { dicomweb } from '../../src-engine/dicomweb/handler.ts'
import { Hono } from 'hono'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { Id } from '../../src-core/contract/identifiers.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { record } from '../audit/relay-log.ts'
import { actOf, type LiveGrant } from '../access/grants.ts'
import type { OpenGrants } from '../access/open-grants.ts'
import { principalOf } from '../access/session-cookie.ts'
import { grantSource } from './grant-source.ts'
import { openGrantedPackage } from './granted-package.ts'
import { readHeaders } from './instance-headers.ts'
import { whileGranted } from './while-granted.ts'

/**
 * Opened packages and their headers are kept in memory for a moment: a page asks for many frames in a row. Whether it
 * may is asked first, each time, and what was opened is dropped when its share ends.
 */
const KEPT_MS = 60_000
const KEPT = 8

/** @error link-unknown when the path names no grant that the browser holds; what OpenGrants names */
function grantOfRequest(grants: OpenGrants, request: Request): Promise<LiveGrant> {
  const named = Id.safeParse(/\/grants\/([^/]*)\//.exec(new URL(request.url).pathname)?.[1])
  if (!named.success) return Promise.reject(new OutpostError('link-unknown'))
  return grants.heldBy(principalOf(request), named.data)
}

/** No folder for thumbnails is given: nothing unsealed is ever written to a disk. */
export function grantedDicomWeb(relay: RelayContext, grants: OpenGrants, imaging: Imaging): Hono {
  const kept = new Map<string, { source: Promise<DicomWebSource>; shareId: string; until: number }>()
  relay.endings.subscribe((ended) => {
    for (const [grantId, { shareId }] of kept) if (ended === null || ended === shareId) kept.delete(grantId)
  })
  const openSource = async (grant: LiveGrant): Promise<DicomWebSource> => {
    const granted = await openGrantedPackage(relay, grant)
    return grantSource(granted, await readHeaders(granted))
  }
  const grantsOfRequests = new WeakMap<Request, LiveGrant>()
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    const grant = grantsOfRequests.get(c.req.raw)
    const { body, status, headers } = c.res
    // The body of an answer to HEAD is not read.
    if (grant === undefined || body === null || c.req.raw.method === 'HEAD') return
    c.res = undefined
    c.res = new Response(whileGranted({ relay, grants }, principalOf(c.req.raw), grant, body.values()), {
      status,
      headers,
    })
  })
  app.route(
    '/',
    dicomweb({
      imaging,
      async source(request) {
        const grant = await grantOfRequest(grants, request)
        grantsOfRequests.set(request, grant)
        const now = Date.now()
        for (const [grantId, { until }] of kept)
          if (until < now || (kept.size >= KEPT && grantId !== grant.grantId)) kept.delete(grantId)
        const known = kept.get(grant.grantId)
        if (known !== undefined) return known.source
        const source = openSource(grant)
        kept.set(grant.grantId, { source, shareId: grant.shareId, until: now + KEPT_MS })
        source.catch(() => kept.delete(grant.grantId))
        return source
      },
    }),
  )
  return app
}

/** A ZIP of its own over the allowed entries, decrypted on the way, with its exact size told before. */
export async function grantedDownload(relay: RelayContext, grants: OpenGrants, request: Request): Promise<Response> {
  const grant = await grantOfRequest(grants, request)
  const granted = await openGrantedPackage(relay, grant)
  const { size, stream } = granted.download()
  const headers = {
    'Content-Type': 'application/zip',
    'Content-Length': String(size),
    'Content-Disposition': 'attachment; filename="exam.zip"',
    'Referrer-Policy': 'no-referrer',
  }
  if (request.method === 'HEAD') return new Response(null, { headers })
  const { packageId } = grant.package
  await relay.db
    .transaction()
    .execute((transaction) =>
      record(transaction, { ...actOf(grant), at: relay.now(), action: 'downloaded', detail: { packageId } }),
    )
  return new Response(whileGranted({ relay, grants }, principalOf(request), grant, stream), { headers })
}
