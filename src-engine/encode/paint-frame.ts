/**
 * Decodes a frame, blacks out its regions and compresses it again. It is the whole work of a decode process for Clean
 * Pixel Data.
 */
import { layoutOf } from '../../src-core/deidentify/pixel-layout.ts'
import { blackOut, type PixelLayout } from '../../src-core/deidentify/regions.ts'
import { clearUnusedBits } from '../../src-core/deidentify/unused-bits.ts'
import type { OpenInstance } from '../decode/instance.ts'
import type { PaintedFrame, PaintRequest } from '../imaging.ts'
import { encodeFrame } from './encode-frame.ts'

/**
 * The work of painting one frame, in units of decoding it once: decoding, compressing, and decoding again as a check.
 */
export const PAINTING_WORK = 6

/**
 * The painted frame.
 * @error what decoding and blackOut throw
 */
export async function paintFrame(
  instance: OpenInstance,
  { frame, regions, compress }: PaintRequest,
): Promise<PaintedFrame> {
  const { dataset, TransferSyntaxUID } = instance.file
  const stored = layoutOf(dataset)
  const { pixels: decoded, ...samples } = await instance.decode(frame)
  const layout: PixelLayout = {
    ...stored,
    ...samples,
    NumberOfFrames: 1,
    PlanarConfiguration: 0,
    HighBit: samples.BitsAllocated === stored.BitsAllocated ? stored.HighBit : samples.BitsStored - 1,
    // A decoded frame has a colour for every pixel, even if the label still says 4:2:2.
    PhotometricInterpretation:
      samples.PhotometricInterpretation === 'YBR_FULL_422' ? 'YBR_FULL' : samples.PhotometricInterpretation,
  }
  const pixels = blackOut(clearUnusedBits(decoded, layout), layout, regions)
  const { BitsStored, HighBit, PhotometricInterpretation } = layout
  const painted = { ...samples, BitsStored, HighBit, PhotometricInterpretation }
  // Packed samples were unpacked. They are not compressed, because hardly any program reads such files.
  const isSameCellSize = samples.BitsAllocated === stored.BitsAllocated
  const encoded =
    compress && isSameCellSize
      ? await encodeFrame(TransferSyntaxUID, { ...layout, sampleKind: instance.pixels().sampleKind }, pixels)
      : null
  return encoded ? { ...painted, ...encoded } : { ...painted, TransferSyntaxUID: null, bytes: pixels }
}
