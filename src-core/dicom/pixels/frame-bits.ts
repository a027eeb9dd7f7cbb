/** How much room one frame takes in uncompressed pixel data. */
import type { PixelDescription } from './description.ts'
import { bytesOf422 } from './unpack.ts'

/**
 * Bits that one frame takes in uncompressed pixel data.
 * @param totalBytes of all frames: some writers label YBR_FULL_422 and store every chroma sample
 */
export function uncompressedFrameBits(description: PixelDescription, totalBytes: number): number {
  const { Rows, Columns, SamplesPerPixel, BitsAllocated, NumberOfFrames, PhotometricInterpretation } = description
  const full = Rows * Columns * SamplesPerPixel * BitsAllocated
  const subsampled =
    PhotometricInterpretation === 'YBR_FULL_422' &&
    SamplesPerPixel === 3 &&
    BitsAllocated === 8 &&
    totalBytes * 8 < full * NumberOfFrames
  return subsampled ? bytesOf422(Rows, Columns) * 8 : full
}
