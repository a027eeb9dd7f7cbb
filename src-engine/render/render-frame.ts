/** One frame of an open instance as a picture. */
import { rasterOf } from '../../src-core/dicom/pixels/raster.ts'
import type { OpenInstance } from '../decode/instance.ts'
import type { RenderRequest, Rendered } from '../imaging.ts'
import { encodeRaster } from './encode.ts'

/** @error those of decoding, bad-lut, window-width-too-small, bad-request */
export async function renderFrame(instance: OpenInstance, request: RenderRequest): Promise<Rendered> {
  const decoded = await instance.decode(request.frame)
  const raster = rasterOf(instance.file.dataset, instance.pixels(), decoded, request.frame, request.voi ?? null)
  return encodeRaster(raster, request)
}
