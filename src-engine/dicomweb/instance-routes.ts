/** The routes of DICOMweb for instances and frames: WADO-RS with Part 10 files and stored values (PS3.18 10.4). */
import type { Context, Hono } from 'hono'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DicomJson, DicomWebSource } from '../dicomweb-source.ts'
import type { DecodedFrame, Imaging } from '../imaging.ts'
import { choosePacking } from './accept.ts'
import { multipart, type Part } from './multipart.ts'
import { problem } from './problem.ts'
import { acceptOf, framesOf, instanceOf, uidOf, type SourceOfRequest } from './request.ts'
import { entityTag, isFresh, newBoundary, notModified, packed, relatedType } from './response.ts'
import { firstValue } from './row-values.ts'
import { bytesOf, contentKey, sizeOf, transferSyntaxOf } from './stored-instance.ts'

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1'
const OCTETS = 'application/octet-stream'

export function addInstanceRoutes(app: Hono, source: SourceOfRequest, imaging: Imaging): void {
  app.get('/studies/:study/series/:series/instances/:instance', (context) => singleInstance(context, source))
  app.get('/studies/:study', (context) => allInstances(context, source, null))
  app.get('/studies/:study/series/:series', (context) => allInstances(context, source, uidOf(context, 'series')))
  app.get('/studies/:study/series/:series/instances/:instance/frames/:frames', (context) =>
    decodedFrames(context, source, imaging),
  )
}

async function singleInstance(context: Context, source: SourceOfRequest): Promise<Response> {
  const instance = await instanceOf(context, source)
  const TransferSyntaxUID = await transferSyntaxOf(instance)
  const packing = choosePacking(acceptOf(context), 'application/dicom', TransferSyntaxUID)
  if (!packing) return problem('not-acceptable')
  const part: Part = {
    contentType: `application/dicom; transfer-syntax=${TransferSyntaxUID}`,
    length: await sizeOf(instance),
    body: bytesOf(instance),
  }
  return packed(context, packing, 'application/dicom', [part], entityTag(await contentKey(instance), packing))
}

/** All instances of a study, or of a series. */
async function allInstances(context: Context, source: SourceOfRequest, series: string | null): Promise<Response> {
  if (choosePacking(acceptOf(context), 'application/dicom', null) !== 'multipart') return problem('not-acceptable')
  const study = uidOf(context, 'study')
  const store = await source(context.req.raw)
  const rows = await store.instances(study, series, new URLSearchParams())
  if (rows.length === 0) throw new OutpostError(series ? 'series-not-found' : 'study-not-found')
  const boundary = newBoundary()
  return new Response(multipart(boundary, storedParts(store, study, series, rows)), {
    headers: { 'content-type': relatedType('application/dicom', boundary), 'cache-control': 'private, no-cache' },
  })
}

async function* storedParts(
  store: DicomWebSource,
  study: string,
  series: string | null,
  rows: readonly DicomJson[],
): AsyncGenerator<Part> {
  for (const row of rows) {
    const SeriesInstanceUID = firstValue(row, '0020000E') || (series ?? '')
    const instance = await store.instance(study, SeriesInstanceUID, firstValue(row, '00080018'))
    yield {
      contentType: `application/dicom; transfer-syntax=${await transferSyntaxOf(instance)}`,
      length: await sizeOf(instance),
      body: bytesOf(instance),
    }
  }
}

async function decodedFrames(context: Context, source: SourceOfRequest, imaging: Imaging): Promise<Response> {
  const packing = choosePacking(acceptOf(context), OCTETS, EXPLICIT_LITTLE_ENDIAN)
  const frames = framesOf(context.req.param('frames') ?? '')
  if (!packing || (packing === 'single' && frames.length > 1)) return problem('not-acceptable')
  const instance = await instanceOf(context, source)
  const tag = entityTag(await contentKey(instance), `${packing}:${frames.join()}`)
  if (isFresh(context, tag)) return notModified(tag)
  const { signal } = context.req.raw
  const first = await imaging.decodeFrame(instance, frames[0]!, { signal })
  const parts = decodedParts(first, frames.slice(1), (frame) => imaging.decodeFrame(instance, frame, { signal }))
  const response = packed(context, packing, OCTETS, parts, tag)
  for (const [name, value] of Object.entries(sampleHeaders(first))) response.headers.set(name, value)
  return response
}

function decodedParts(
  first: DecodedFrame,
  otherFrames: readonly number[],
  decode: (frame: number) => Promise<DecodedFrame>,
): readonly Part[] | AsyncIterable<Part> {
  const part = ({ pixels }: DecodedFrame): Part => ({
    contentType: `${OCTETS}; transfer-syntax=${EXPLICIT_LITTLE_ENDIAN}`,
    length: pixels.length,
    body: pixels,
  })
  if (otherFrames.length === 0) return [part(first)]
  return (async function* () {
    yield part(first)
    for (const frame of otherFrames) yield part(await decode(frame))
  })()
}

/**
 * Headers that describe the samples. They may differ from the metadata, because a decoder may have converted YCbCr to
 * RGB, or bits to bytes.
 */
function sampleHeaders(frame: DecodedFrame): Record<string, string> {
  return {
    'x-outpost-bits-allocated': String(frame.BitsAllocated),
    'x-outpost-photometric': frame.PhotometricInterpretation,
    'x-outpost-samples': String(frame.SamplesPerPixel),
    'x-outpost-pixel-representation': String(frame.PixelRepresentation),
  }
}
