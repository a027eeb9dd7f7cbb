/** Renders one frame of an open instance as a picture. */
import { codeOf } from '../../src-core/contract/errors.ts'
import type { PixelDescription } from '../../src-core/dicom/pixels/description.ts'
import { readOverlays } from '../../src-core/dicom/pixels/display.ts'
import { rasterOf } from '../../src-core/dicom/pixels/raster.ts'
import { withFrameMemory } from '../decode/frame-memory.ts'
import type { OpenInstance } from '../decode/instance.ts'
import type { DecodedFrame, RenderRequest, Rendered } from '../imaging.ts'
import { encodeRaster, targetSize } from './encode.ts'

/**
 * The picture of a frame.
 * @error those of decoding, bad-lut, window-width-too-small, bad-request
 */
export async function renderFrame(instance: OpenInstance, request: RenderRequest): Promise<Rendered> {
  const description = instance.pixels()
  const target = targetSize({ width: description.Columns, height: description.Rows }, request)
  return withFrameMemory(async (allocate) => {
    const decoded =
      (await decodeSmaller(instance, description, request.frame, target)) ??
      (await instance.decode(request.frame, allocate))
    const raster = rasterOf(
      instance.file.dataset,
      { ...description, Rows: decoded.Rows, Columns: decoded.Columns },
      decoded,
      request.frame,
      request.voi ?? null,
      { target, allocate },
    )
    return encodeRaster(raster, target, request, allocate)
  })
}

/**
 * Decodes the frame at a reduced size where the codec can and the picture needs no more; else null. Frames with
 * overlays are decoded at full size, because overlays cover exact pixels, and so are palette images, because palette
 * indices have no mean.
 */
async function decodeSmaller(
  instance: OpenInstance,
  description: PixelDescription,
  frame: number,
  target: { width: number; height: number },
): Promise<DecodedFrame | null> {
  const levels = Math.floor(Math.log2(Math.min(description.Columns / target.width, description.Rows / target.height)))
  if (
    levels < 1 ||
    description.PhotometricInterpretation === 'PALETTE COLOR' ||
    readOverlays(instance.file.dataset, frame, description).length > 0
  )
    return null
  try {
    return await instance.decodeReduced(frame, levels)
  } catch (error) {
    // A component may have fewer resolutions than the default in the header promises; the whole frame is then decoded.
    if (codeOf(error) === 'decode-failed') return null
    throw error
  }
}
