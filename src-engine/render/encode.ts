/** Encodes rasters as PNG and JPEG files, scaled if needed. */
import sharp, { type Sharp } from 'sharp'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { freshMemory } from '../../src-core/dicom/pixels/memory.ts'
import type { Raster } from '../../src-core/dicom/pixels/raster-type.ts'
import { shrinkTowards } from '../../src-core/dicom/pixels/shrink.ts'
import type { Rendered } from '../imaging.ts'
import { encodePng } from './png.ts'

// A decode process executes one request at a time and reads no file by sharp, so neither sharp's threads nor its cache
// are useful.
sharp.cache(false)
sharp.concurrency(1)

export interface EncodeOptions {
  readonly format: 'png' | 'jpeg'
  /** The longest side in pixels; absent: as it is. */
  readonly size?: number
  /** A box that the picture fits into. */
  readonly viewport?: { readonly width: number; readonly height: number }
  /** 1 to 100, for JPEG only. */
  readonly quality?: number
}

/** The longest side of a scaled picture, in pixels. */
const MAX_SIDE = 8192

interface Size {
  readonly width: number
  readonly height: number
}

/**
 * The width and height of the picture of a frame.
 * @error bad-request for a size out of range
 */
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

/**
 * Encodes a raster, scaled to the target size.
 * @param allocate memory for intermediate data
 * @error bad-request for a quality out of range
 */
export async function encodeRaster(
  raster: Raster,
  target: Size,
  { format, quality = 90 }: EncodeOptions,
  allocate = freshMemory,
): Promise<Rendered> {
  if (!(quality >= 1 && quality <= 100)) throw new OutpostError('bad-request', { quality })
  const { width, height } = target
  const reduced = shrinkTowards(raster, target)
  const fits = reduced.width === width && reduced.height === height
  const picture = fits ? reduced : await resized(reduced, target)
  return {
    width,
    height,
    bytes:
      format === 'png'
        ? encodePng(picture, allocate)
        : await sharpImage(picture)
            .jpeg({ quality: Math.round(quality), optimiseCoding: false })
            .toBuffer(),
  }
}

async function resized(raster: Raster, { width, height }: Size): Promise<Raster> {
  const { buffer, byteOffset, length } = await sharpImage(raster)
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer()
  return { ...raster, width, height, data: new Uint8Array(buffer, byteOffset, length) }
}

function sharpImage({ width, height, channels, data }: Raster): Sharp {
  const image = sharp(data, { raw: { width, height, channels } })
  // sharp treats one grey channel as sRGB unless it is converted.
  return channels === 1 ? image.toColourspace('b-w') : image
}
