/** The routes of DICOMweb whose answers are DICOM JSON: searches (QIDO-RS) and metadata (PS3.18 10.4, 10.6). */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Context, Hono } from 'hono'
import type { DicomJson, DicomWebSource } from '../dicomweb-source.ts'
import { chooseType, takesGzip } from './accept.ts'
import { problem } from './problem.ts'
import { acceptOf, queryOf, uidOf, type SourceOfRequest } from './request.ts'

/**
 * The number of characters from which JSON is compressed. The metadata of a series repeats the same values for each of
 * its images.
 */
const COMPRESS_FROM = 2_048
const gzipped = promisify(gzip)

type ReadRows = (store: DicomWebSource, query: URLSearchParams) => Promise<DicomJson[]>

export function addMetadataRoutes(app: Hono, source: SourceOfRequest): void {
  const answer = async (context: Context, read: ReadRows): Promise<Response> => {
    if (!chooseType(acceptOf(context), ['application/dicom+json', 'application/json'])) return problem('not-acceptable')
    return jsonResponse(context, await read(await source(context.req.raw), queryOf(context)))
  }
  app.get('/studies', (context) => answer(context, (store, query) => store.studies(query)))
  app.get('/studies/:study/series', (context) =>
    answer(context, (store, query) => store.series(uidOf(context, 'study'), query)),
  )
  app.get('/studies/:study/instances', (context) =>
    answer(context, (store, query) => store.instances(uidOf(context, 'study'), null, query)),
  )
  app.get('/studies/:study/series/:series/instances', (context) =>
    answer(context, (store, query) => store.instances(uidOf(context, 'study'), uidOf(context, 'series'), query)),
  )
  app.get('/studies/:study/metadata', (context) =>
    answer(context, (store) => store.metadata(uidOf(context, 'study'), null, null)),
  )
  app.get('/studies/:study/series/:series/metadata', (context) =>
    answer(context, (store) => store.metadata(uidOf(context, 'study'), uidOf(context, 'series'), null)),
  )
  app.get('/studies/:study/series/:series/instances/:instance/metadata', (context) =>
    answer(context, (store) =>
      store.metadata(uidOf(context, 'study'), uidOf(context, 'series'), uidOf(context, 'instance')),
    ),
  )
}

async function jsonResponse(context: Context, rows: readonly DicomJson[]): Promise<Response> {
  const body = JSON.stringify(rows)
  const headers = {
    'content-type': 'application/dicom+json',
    'cache-control': 'private, no-cache',
    vary: 'accept, accept-encoding',
  }
  if (body.length < COMPRESS_FROM || !takesGzip(context.req.header('accept-encoding')))
    return new Response(body, { headers })
  return new Response(new Uint8Array(await gzipped(body, { level: 6 })), {
    headers: { ...headers, 'content-encoding': 'gzip' },
  })
}
