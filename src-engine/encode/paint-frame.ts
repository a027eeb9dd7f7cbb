/**
 * A frame decoded, its regions made black, and compressed again: all that a decode process does for Clean Pixel Data.
 */
import { layoutOf } from '../../src-core/deidentify/pixel-layout.ts'
import { blackOut, type PixelLayout } from '../../src-core/deidentify/regions.ts'
import { clearUnusedBits } from '../../src-core/deidentify/unused-bits.ts'
import type { OpenInstance } from '../decode/instance.ts'
import type { PaintedFrame, PaintRequest } from '../imaging.ts'
import { encodeFrame } from './encode-frame.ts'

/**
 * The work of painting one frame, in decodings of it: the decoding, the compressing, and the decoding that proves it.
 */
export const PAINTING_WORK = 6

/** @error what decoding and blackOut throw */
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
    // Decoded frames hold a colour for every pixel, whatever the label still says.
    PhotometricInterpretation:
      samples.PhotometricInterpretation === 'YBR_FULL_422' ? 'YBR_FULL' : samples.PhotometricInterpretation,
  }
  const pixels = blackOut(clearUnusedBits(decoded, layout), layout, regions)
  const { BitsStored, HighBit, PhotometricInterpretation } = layout
  const painted = { ...samples, BitsStored, HighBit, PhotometricInterpretation }
  // Packed samples have been unpacked; hardly anything reads them compressed.
  const whole = samples.BitsAllocated === stored.BitsAllocated
  const encoded =
    compress && whole
      ? await encodeFrame(TransferSyntaxUID, { ...layout, sampleKind: instance.pixels().sampleKind }, pixels)
      : null
  return encoded ? { ...painted, ...encoded } : { ...painted, TransferSyntaxUID: null, bytes: pixels }
}
