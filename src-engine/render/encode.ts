/** Rasters to PNG and JPEG files, scaled where asked. */
import sharp, { type Sharp } from 'sharp'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { freshMemory } from '../../src-core/dicom/pixels/memory.ts'
import type { Raster } from '../../src-core/dicom/pixels/raster-type.ts'
import { shrinkTowards } from '../../src-core/dicom/pixels/shrink.ts'
import type { Rendered } from '../imaging.ts'
import { encodePng } from './png.ts'

// One request runs at a time in a decode process, and no file is read through sharp: neither its threads nor its cache
// help.
sharp.cache(false)
sharp.concurrency(1)

export interface EncodeOptions {
  readonly format: 'png' | 'jpeg'
  /** Longest side in pixels; absent: as it is. */
  readonly size?: number
  /** Box that the picture just fits into. */
  readonly viewport?: { readonly width: number; readonly height: number }
  /** 1 to 100, JPEG only. */
  readonly quality?: number
}

/** Longest side that anything is scaled to. */
const MAX_SIDE = 8192

interface Size {
  readonly width: number
  readonly height: number
}

/** Width and height of the picture of a frame. @error bad-request for a size out of range */
export function targetSize(frame: Size, { size, viewport }: Pick<EncodeOptions, 'size' | 'viewport'>): Size {
  for (const side of [size, viewport?.width, viewport?.height])
    if (side !== undefined && (!Number.isInteger(side) || side < 1 || side > MAX_SIDE))
      throw new OutpostError('bad-request', { side })
  const scale = size
    ? size / Math.max(frame.width, frame.height)
    : viewport
      ? Math.min(viewport.width / frame.width, viewport.height / frame.height)
      : 1
  return { width: Math.max(1, Math.round(frame.width * scale)), height: Math.max(1, Math.round(frame.height * scale)) }
}

/** @param allocate where it may work @error bad-request for a quality out of range */
export async function encodeRaster(
  raster: Raster,
  target: Size,
  { format, quality = 90 }: EncodeOptions,
  allocate = freshMemory,
): Promise<Rendered> {
  if (!(quality >= 1 && quality <= 100)) throw new OutpostError('bad-request', { quality })
  const { width, height } = target
  const smaller = shrinkTowards(raster, target)
  const fits = smaller.width === width && smaller.height === height
  const picture = fits ? smaller : await resized(smaller, target)
  return {
    width,
    height,
    bytes:
      format === 'png'
        ? encodePng(picture, allocate)
        : await inSharp(picture)
            .jpeg({ quality: Math.round(quality), optimiseCoding: false })
            .toBuffer(),
  }
}

async function resized(raster: Raster, { width, height }: Size): Promise<Raster> {
  const { buffer, byteOffset, length } = await inSharp(raster).resize(width, height, { fit: 'fill' }).raw().toBuffer()
  return { ...raster, width, height, data: new Uint8Array(buffer, byteOffset, length) }
}

function inSharp({ width, height, channels, data }: Raster): Sharp {
  const image = sharp(data, { raw: { width, height, channels } })
  // One grey channel passes for sRGB unless told.
  return channels === 1 ? image.toColourspace('b-w') : image
}
