/**
 * DICOMweb over any store of instances: QIDO-RS, and WADO-RS for metadata, instances, frames, rendered pictures and
 * thumbnails (PS3.18 10.4, 10.6).
 */
import { createHash, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Hono, type Context } from 'hono'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DicomJson, DicomWebSource } from '../dicomweb-source.ts'
import type { DecodedFrame, Imaging, InstanceSource } from '../imaging.ts'
import { choosePacking, chooseType, mediaRanges, takesGzip, type MediaRange } from './accept.ts'
import { multipart, multipartLength, type Part } from './multipart.ts'
import { problem, problemOf } from './problem.ts'
import { renderingOf } from './rendered-query.ts'
import { bytesOf, contentKey, sizeOf, transferSyntaxOf } from './stored-instance.ts'
import { thumbnailCache } from './thumbnails.ts'

export interface DicomWebOptions {
  /** What this caller may see. @error anything: it becomes the response */
  readonly source: (request: Request) => Promise<DicomWebSource> | DicomWebSource
  readonly imaging: Imaging
  /** Where thumbnails are kept; absent: nowhere. */
  readonly cacheFolder?: string
}

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1'
const OCTETS = 'application/octet-stream'
const THUMBNAIL_SIDE = 256
/**
 * Characters of JSON from which compressing is worth its time: the metadata of a series says the same for each of its
 * images.
 */
const COMPRESS_FROM = 2_048
const zipped = promisify(gzip)

/** Routes begin with /studies; mount it where it should answer. GET and HEAD only. */
export function dicomweb({ source, imaging, cacheFolder }: DicomWebOptions): Hono {
  const app = new Hono()
  const thumbnails = thumbnailCache(cacheFolder)
  app.onError((error) => problemOf(error))
  app.notFound(() => problem('not-found'))

  const json = async (
    c: Context,
    read: (from: DicomWebSource, query: URLSearchParams) => Promise<DicomJson[]>,
  ): Promise<Response> => {
    if (!chooseType(acceptOf(c), ['application/dicom+json', 'application/json'])) return problem('not-acceptable')
    const rows = await read(await source(c.req.raw), queryOf(c))
    const body = JSON.stringify(rows)
    const headers = {
      'content-type': 'application/dicom+json',
      'cache-control': 'private, no-cache',
      vary: 'accept, accept-encoding',
    }
    if (body.length < COMPRESS_FROM || !takesGzip(c.req.header('accept-encoding')))
      return new Response(body, { headers })
    return new Response(new Uint8Array(await zipped(body, { level: 6 })), {
      headers: { ...headers, 'content-encoding': 'gzip' },
    })
  }
  app.get('/studies', (c) => json(c, (from, query) => from.studies(query)))
  app.get('/studies/:study/series', (c) => json(c, (from, query) => from.series(uid(c, 'study'), query)))
  app.get('/studies/:study/instances', (c) => json(c, (from, query) => from.instances(uid(c, 'study'), null, query)))
  app.get('/studies/:study/series/:series/instances', (c) =>
    json(c, (from, query) => from.instances(uid(c, 'study'), uid(c, 'series'), query)),
  )
  app.get('/studies/:study/metadata', (c) => json(c, (from) => from.metadata(uid(c, 'study'), null, null)))
  app.get('/studies/:study/series/:series/metadata', (c) =>
    json(c, (from) => from.metadata(uid(c, 'study'), uid(c, 'series'), null)),
  )
  app.get('/studies/:study/series/:series/instances/:instance/metadata', (c) =>
    json(c, (from) => from.metadata(uid(c, 'study'), uid(c, 'series'), uid(c, 'instance'))),
  )

  const one = async (c: Context): Promise<InstanceSource> =>
    (await source(c.req.raw)).instance(uid(c, 'study'), uid(c, 'series'), uid(c, 'instance'))

  app.get('/studies/:study/series/:series/instances/:instance', async (c) => {
    const instance = await one(c)
    const TransferSyntaxUID = await transferSyntaxOf(instance)
    const packing = choosePacking(acceptOf(c), 'application/dicom', TransferSyntaxUID)
    if (!packing) return problem('not-acceptable')
    const part: Part = {
      contentType: `application/dicom; transfer-syntax=${TransferSyntaxUID}`,
      length: await sizeOf(instance),
      body: bytesOf(instance),
    }
    return packed(c, packing, 'application/dicom', [part], tagOf(await contentKey(instance), packing))
  })

  const several = async (c: Context, series: string | null): Promise<Response> => {
    if (choosePacking(acceptOf(c), 'application/dicom', null) !== 'multipart') return problem('not-acceptable')
    const study = uid(c, 'study')
    const from = await source(c.req.raw)
    const rows = await from.instances(study, series, new URLSearchParams())
    if (rows.length === 0) throw new OutpostError(series ? 'series-not-found' : 'study-not-found')
    const boundary = `outpost-${randomUUID()}`
    return new Response(multipart(boundary, storedParts(from, study, series, rows)), {
      headers: { 'content-type': relatedType('application/dicom', boundary), 'cache-control': 'private, no-cache' },
    })
  }
  app.get('/studies/:study', (c) => several(c, null))
  app.get('/studies/:study/series/:series', (c) => several(c, uid(c, 'series')))

  app.get('/studies/:study/series/:series/instances/:instance/frames/:frames', async (c) => {
    const packing = choosePacking(acceptOf(c), OCTETS, EXPLICIT_LITTLE_ENDIAN)
    const frames = framesOf(c.req.param('frames'))
    if (!packing || (packing === 'single' && frames.length > 1)) return problem('not-acceptable')
    const instance = await one(c)
    const tag = tagOf(await contentKey(instance), `${packing}:${frames.join()}`)
    if (isFresh(c, tag)) return notModified(tag)
    const first = await imaging.decodeFrame(instance, frames[0]!, { signal: c.req.raw.signal })
    const response = packed(
      c,
      packing,
      OCTETS,
      decodedParts(first, frames.slice(1), (frame) =>
        imaging.decodeFrame(instance, frame, { signal: c.req.raw.signal }),
      ),
      tag,
    )
    for (const [name, value] of Object.entries(layoutOf(first))) response.headers.set(name, value)
    return response
  })

  const rendered = async (c: Context, frame: number): Promise<Response> => {
    const type = chooseType(acceptOf(c), ['image/jpeg', 'image/png'])
    if (!type) return problem('not-acceptable')
    const rendering = renderingOf(queryOf(c))
    const instance = await one(c)
    const tag = tagOf(await contentKey(instance), `rendered:${type}:${frame}:${JSON.stringify(rendering)}`)
    if (isFresh(c, tag)) return notModified(tag)
    const { bytes } = await imaging.render(
      instance,
      { frame, format: type === 'image/png' ? 'png' : 'jpeg', ...rendering },
      { signal: c.req.raw.signal },
    )
    return picture(bytes, type, tag)
  }
  app.get('/studies/:study/series/:series/instances/:instance/rendered', (c) => rendered(c, 1))
  app.get('/studies/:study/series/:series/instances/:instance/frames/:frames/rendered', (c) => rendered(c, oneFrame(c)))

  const thumbnail = async (c: Context, instance: InstanceSource, frame: number): Promise<Response> => {
    if (!chooseType(acceptOf(c), ['image/jpeg'])) return problem('not-acceptable')
    const { viewport = { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE } } = renderingOf(queryOf(c))
    const key = `thumbnail:${await contentKey(instance)}:${frame}:${viewport.width}x${viewport.height}`
    const tag = tagOf(key, '')
    if (isFresh(c, tag)) return notModified(tag)
    // Not tied to this request: another may be waiting for the same picture.
    const bytes = await thumbnails.get(
      key,
      async () => (await imaging.render(instance, { frame, format: 'jpeg', quality: 85, viewport })).bytes,
    )
    return picture(bytes, 'image/jpeg', tag)
  }
  app.get('/studies/:study/series/:series/instances/:instance/frames/:frames/thumbnail', async (c) =>
    thumbnail(c, await one(c), oneFrame(c)),
  )
  app.get('/studies/:study/series/:series/instances/:instance/thumbnail', async (c) => {
    const from = await source(c.req.raw)
    const [row] = await from.metadata(uid(c, 'study'), uid(c, 'series'), uid(c, 'instance'))
    return thumbnail(c, await from.instance(uid(c, 'study'), uid(c, 'series'), uid(c, 'instance')), middleFrame(row))
  })
  const cover = async (c: Context, series: string | null): Promise<Response> => {
    const from = await source(c.req.raw)
    const rows = await from.instances(uid(c, 'study'), series, new URLSearchParams())
    // A report or a presentation among the images shows nothing of them.
    const images = rows.filter((one) => value(one, '00280010') !== '')
    const candidates = images.length > 0 ? images : rows
    const row = candidates[Math.floor((candidates.length - 1) / 2)]
    if (!row) throw new OutpostError(series ? 'series-not-found' : 'study-not-found')
    return thumbnail(
      c,
      await from.instance(uid(c, 'study'), value(row, '0020000E') || (series ?? ''), value(row, '00080018')),
      middleFrame(row),
    )
  }
  app.get('/studies/:study/thumbnail', (c) => cover(c, null))
  app.get('/studies/:study/series/:series/thumbnail', (c) => cover(c, uid(c, 'series')))
  return app
}

function queryOf(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams
}

function acceptOf(c: Context): MediaRange[] {
  return mediaRanges(queryOf(c).get('accept') ?? c.req.header('accept'))
}

/** As stores hold it: not every UID that exists is a valid one. @error bad-request */
function uid(c: Context, name: string): string {
  const found = c.req.param(name) ?? ''
  if (found === '' || found.length > 128) throw new OutpostError('bad-request', { parameter: name })
  return found
}

/** @error bad-request */
function framesOf(list: string): number[] {
  const frames = list.split(',').map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : 0))
  if (frames.some((frame) => frame < 1) || frames.length > 10_000)
    throw new OutpostError('bad-request', { parameter: 'frames' })
  return frames
}

function oneFrame(c: Context): number {
  const frames = framesOf(c.req.param('frames') ?? '')
  if (frames.length !== 1) throw new OutpostError('bad-request', { parameter: 'frames' })
  return frames[0]!
}

function value(row: DicomJson, tag: string): string {
  return String(row[tag]?.Value?.[0] ?? '')
}

function middleFrame(row: DicomJson | undefined): number {
  const frames = Number(row ? value(row, '00280008') : 1)
  return frames > 1 ? Math.floor(frames / 2) + 1 : 1
}

function relatedType(type: string, boundary: string): string {
  return `multipart/related; type="${type}"; boundary=${boundary}`
}

function tagOf(key: string, variant: string): string {
  return `"${createHash('sha256').update(`${key}\0${variant}`).digest('base64url').slice(0, 27)}"`
}

function isFresh(c: Context, tag: string): boolean {
  return (c.req.header('if-none-match') ?? '').split(',').some((part) => part.trim().replace(/^W\//, '') === tag)
}

function notModified(tag: string): Response {
  return new Response(null, { status: 304, headers: { etag: tag, 'cache-control': 'private, no-cache' } })
}

function picture(bytes: Uint8Array, type: string, tag: string): Response {
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: {
      'content-type': type,
      'content-length': String(bytes.length),
      etag: tag,
      'cache-control': 'private, no-cache',
    },
  })
}

/** One part as it is, or parts in multipart/related; the length is told when every part is at hand. */
function packed(
  c: Context,
  packing: 'multipart' | 'single',
  type: string,
  parts: readonly Part[] | AsyncIterable<Part>,
  tag: string,
): Response {
  if (isFresh(c, tag)) return notModified(tag)
  const headers: Record<string, string> = { etag: tag, 'cache-control': 'private, no-cache' }
  const known = Array.isArray(parts) ? (parts as readonly Part[]) : null
  const [single] = known ?? []
  if (packing === 'single' && single) {
    return new Response(single.body as Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>, {
      headers: {
        ...headers,
        'content-type': single.contentType,
        ...(single.length !== null && { 'content-length': String(single.length) }),
      },
    })
  }
  const boundary = `outpost-${randomUUID()}`
  if (known) headers['content-length'] = String(multipartLength(boundary, known))
  return new Response(multipart(boundary, parts as Iterable<Part>), {
    headers: { ...headers, 'content-type': relatedType(type, boundary) },
  })
}

async function* storedParts(
  from: DicomWebSource,
  study: string,
  series: string | null,
  rows: readonly DicomJson[],
): AsyncGenerator<Part> {
  for (const row of rows) {
    const instance = await from.instance(study, value(row, '0020000E') || (series ?? ''), value(row, '00080018'))
    yield {
      contentType: `application/dicom; transfer-syntax=${await transferSyntaxOf(instance)}`,
      length: await sizeOf(instance),
      body: bytesOf(instance),
    }
  }
}

function decodedParts(
  first: DecodedFrame,
  others: readonly number[],
  decode: (frame: number) => Promise<DecodedFrame>,
): readonly Part[] | AsyncIterable<Part> {
  const part = ({ pixels }: DecodedFrame): Part => ({
    contentType: `${OCTETS}; transfer-syntax=${EXPLICIT_LITTLE_ENDIAN}`,
    length: pixels.length,
    body: pixels,
  })
  if (others.length === 0) return [part(first)]
  return (async function* () {
    yield part(first)
    for (const frame of others) yield part(await decode(frame))
  })()
}

/**
 * How the samples lie, which may differ from what the metadata says: a decoder may have turned YCbCr into RGB, or bits
 * into bytes.
 */
function layoutOf(frame: DecodedFrame): Record<string, string> {
  return {
    'x-outpost-bits-allocated': String(frame.BitsAllocated),
    'x-outpost-photometric': frame.PhotometricInterpretation,
    'x-outpost-samples': String(frame.SamplesPerPixel),
    'x-outpost-pixel-representation': String(frame.PixelRepresentation),
  }
}
