/** Images and download of a grant, below /portal/grants/<grantId>. Each request checks the grant of the browser. */
import type { Imaging } from '../../src-engine/imaging.ts'
import type { DicomWebSource } from '../../src-engine/dicomweb-source.ts'
import { dicomweb } from '../../src-engine/dicomweb/handler.ts'
import { Hono } from 'hono'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { Id } from '../../src-core/contract/identifiers.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { record } from '../audit/relay-log.ts'
import { recipientEntry, type LiveGrant } from '../access/grants.ts'
import type { OpenGrants } from '../access/open-grants.ts'
import { principalOf } from '../access/session-cookie.ts'
import { grantSource } from './grant-source.ts'
import { openGrantedPackage } from './granted-package.ts'
import { readHeaders } from './instance-headers.ts'
import { whileGranted } from './while-granted.ts'

/**
 * Opened packages and their headers stay in memory for this time, because a page requests many frames in a row. The
 * grant is checked before each use, and an opened package is dropped when its share ends.
 */
const SOURCE_LIFETIME_MS = 60_000
const MAX_OPEN_SOURCES = 8

/** @error link-unknown the path names no grant that is open in the browser; and the errors of OpenGrants */
function grantOfRequest(grants: OpenGrants, request: Request): Promise<LiveGrant> {
  const grantId = Id.safeParse(/\/grants\/([^/]*)\//.exec(new URL(request.url).pathname)?.[1])
  if (!grantId.success) return Promise.reject(new OutpostError('link-unknown'))
  return grants.requireGrant(principalOf(request), grantId.data)
}

/** Thumbnails get no folder, so that nothing unsealed is written to a disk. */
export function grantedDicomWeb(relay: RelayContext, grants: OpenGrants, imaging: Imaging): Hono {
  const openSources = new Map<string, { source: Promise<DicomWebSource>; shareId: string; until: number }>()
  relay.endings.subscribe((ended) => {
    for (const [grantId, { shareId }] of openSources)
      if (ended === null || ended === shareId) openSources.delete(grantId)
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
    // The body of an answer to HEAD is never read, so that it needs no check while it is sent.
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
        for (const [grantId, { until }] of openSources)
          if (until < now || (openSources.size >= MAX_OPEN_SOURCES && grantId !== grant.grantId))
            openSources.delete(grantId)
        const existing = openSources.get(grant.grantId)
        if (existing !== undefined) return existing.source
        const source = openSource(grant)
        openSources.set(grant.grantId, { source, shareId: grant.shareId, until: now + SOURCE_LIFETIME_MS })
        source.catch(() => openSources.delete(grant.grantId))
        return source
      },
    }),
  )
  return app
}

/**
 * Answers with a ZIP of the entries that the grant allows. They are decrypted while it is sent; its exact size is
 * known.
 */
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
      record(transaction, { ...recipientEntry(grant), at: relay.now(), action: 'downloaded', detail: { packageId } }),
    )
  return new Response(whileGranted({ relay, grants }, principalOf(request), grant, stream), { headers })
}
