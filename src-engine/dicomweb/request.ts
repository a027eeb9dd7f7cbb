/** Reads the parts of a DICOMweb request: its query, its Accept header, and the UIDs and frame numbers of its path. */
import type { Context } from 'hono'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DicomWebSource } from '../dicomweb-source.ts'
import type { InstanceSource } from '../imaging.ts'
import { mediaRanges, type MediaRange } from './accept.ts'

/** Returns what the caller of a request may see. Its errors become the response. */
export type SourceOfRequest = (request: Request) => Promise<DicomWebSource> | DicomWebSource

export function queryOf(context: Context): URLSearchParams {
  return new URL(context.req.url).searchParams
}

export function acceptOf(context: Context): MediaRange[] {
  return mediaRanges(queryOf(context).get('accept') ?? context.req.header('accept'))
}

/**
 * A UID of the path as stores have it, because not every UID in use is valid.
 * @error bad-request
 */
export function uidOf(context: Context, name: string): string {
  const uid = context.req.param(name) ?? ''
  if (uid === '' || uid.length > 128) throw new OutpostError('bad-request', { parameter: name })
  return uid
}

/** The instance that the path names. @error instance-not-found, bad-request, and those of the source */
export async function instanceOf(context: Context, source: SourceOfRequest): Promise<InstanceSource> {
  const store = await source(context.req.raw)
  return store.instance(uidOf(context, 'study'), uidOf(context, 'series'), uidOf(context, 'instance'))
}

/** A list of frame numbers, counted from 1. @error bad-request */
export function framesOf(list: string): number[] {
  const frames = list.split(',').map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : 0))
  if (frames.some((frame) => frame < 1) || frames.length > 10_000)
    throw new OutpostError('bad-request', { parameter: 'frames' })
  return frames
}

/** The frame number of a path that allows only one. @error bad-request */
export function singleFrame(context: Context): number {
  const frames = framesOf(context.req.param('frames') ?? '')
  if (frames.length !== 1) throw new OutpostError('bad-request', { parameter: 'frames' })
  return frames[0]!
}
