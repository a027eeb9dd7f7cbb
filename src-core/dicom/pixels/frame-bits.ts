/** Computes the size of one frame in uncompressed pixel data. */
import type { PixelDescription } from './description.ts'
import { bytesOf422 } from './unpack.ts'

/**
 * The number of bits that one frame takes in uncompressed pixel data.
 * @param totalBytes the size of all frames. It is needed because some writers label pixels YBR_FULL_422 and store every
 * chroma sample
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
