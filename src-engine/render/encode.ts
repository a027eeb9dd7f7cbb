/** Rasters to PNG and JPEG files, scaled where asked. */
import sharp from 'sharp'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Raster } from '../../src-core/dicom/pixels/raster.ts'
import { shrinkTowards } from '../../src-core/dicom/pixels/shrink.ts'
import type { Rendered } from '../imaging.ts'

// One request runs at a time in a decode process, and no file is read through sharp: neither its threads nor its cache help.
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

interface Size { readonly width: number; readonly height: number }

/** Width and height of the picture of a frame. @error bad-request for a size out of range */
export function targetSize(frame: Size, { size, viewport }: Pick<EncodeOptions, 'size' | 'viewport'>): Size {
  for (const side of [size, viewport?.width, viewport?.height]) if (side !== undefined && (!Number.isInteger(side) || side < 1 || side > MAX_SIDE)) throw new OutpostError('bad-request', { side })
  const scale = size ? size / Math.max(frame.width, frame.height) : viewport ? Math.min(viewport.width / frame.width, viewport.height / frame.height) : 1
  return { width: Math.max(1, Math.round(frame.width * scale)), height: Math.max(1, Math.round(frame.height * scale)) }
}

/** @error bad-request for a quality out of range */
export async function encodeRaster(raster: Raster, target: Size, { format, quality = 90 }: EncodeOptions): Promise<Rendered> {
  if (!(quality >= 1 && quality <= 100)) throw new OutpostError('bad-request', { quality })
  const { width, height } = target
  const smaller = shrinkTowards(raster, target)
  let image = sharp(smaller.data, { raw: { width: smaller.width, height: smaller.height, channels: smaller.channels } })
  if (smaller.width !== width || smaller.height !== height) image = image.resize(width, height, { fit: 'fill' })
  // sharp takes one grey channel for sRGB unless told.
  if (raster.channels === 1) image = image.toColourspace('b-w')
  // A tenth larger than at level 6, in little more than half the time.
  const encoded = format === 'png' ? image.png({ compressionLevel: 1 }) : image.jpeg({ quality: Math.round(quality), optimiseCoding: false })
  return { width, height, bytes: await encoded.toBuffer() }
}
