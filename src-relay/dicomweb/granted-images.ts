/** /portal/dicomweb and /portal/download: what the cookie's grant allows, checked anew at every request. */
import type { Imaging } from '../../src-engine/imaging.ts'
import type { DicomWebSource } from '../../src-engine/dicomweb-source.ts'
import { dicomweb } from '../../src-engine/dicomweb/handler.ts'
import type { Hono } from 'hono'
import type { RelayContext } from '../app/config.ts'
import { grantOfSession, type LiveGrant } from '../gates/grants.ts'
import { sessionOf } from '../gates/session-cookie.ts'
import { grantSource } from './grant-source.ts'
import { openGrantedPackage } from './granted-package.ts'
import { readHeaders } from './instance-headers.ts'

/**
 * Opened packages and their headers are kept in memory for a moment: a page asks for many frames in a row. Whether it
 * may is asked first, each time.
 */
const KEPT_MS = 60_000
const KEPT = 8

/** No folder for thumbnails is given: nothing unsealed is ever written to a disk. */
export function grantedDicomWeb(relay: RelayContext, imaging: Imaging): Hono {
  const kept = new Map<string, { source: Promise<DicomWebSource>; until: number }>()
  const openSource = async (grant: LiveGrant): Promise<DicomWebSource> => {
    const granted = await openGrantedPackage(relay, grant)
    return grantSource(granted, await readHeaders(granted))
  }
  return dicomweb({
    imaging,
    async source(request) {
      const grant = await grantOfSession(relay, sessionOf(request))
      const now = Date.now()
      for (const [grantId, { until }] of kept)
        if (until < now || (kept.size >= KEPT && grantId !== grant.grantId)) kept.delete(grantId)
      const known = kept.get(grant.grantId)
      if (known !== undefined) return known.source
      const source = openSource(grant)
      kept.set(grant.grantId, { source, until: now + KEPT_MS })
      source.catch(() => kept.delete(grant.grantId))
      return source
    },
  })
}

/** A ZIP of its own over the allowed entries, decrypted on the way, with its exact size told before. */
export async function grantedDownload(relay: RelayContext, request: Request): Promise<Response> {
  const grant = await grantOfSession(relay, sessionOf(request))
  const granted = await openGrantedPackage(relay, grant)
  const { size, stream } = granted.download()
  const headers = {
    'Content-Type': 'application/zip',
    'Content-Length': String(size),
    'Content-Disposition': 'attachment; filename="exam.zip"',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  }
  if (request.method === 'HEAD') return new Response(null, { headers })
  return new Response(streamOf(stream), { headers })
}

/** Pulled as the recipient takes it: nothing piles up behind a slow line. */
function streamOf(source: AsyncGenerator<Uint8Array, void, void>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await source.next()
        if (next.done === true) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await source.return()
      },
    },
    { highWaterMark: 0 },
  )
}
