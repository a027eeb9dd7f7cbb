/** Compressed pixels decoded and painted, so that they leave as native ones (Clean Pixel Data). Native pixels need none of this: deidentifyInstance paints them in place. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { CleanedPixels } from '../../src-core/deidentify/deidentify.ts'
import { blackOut, type Region } from '../../src-core/deidentify/regions.ts'
import type { DicomDataset } from '../../src-core/dicom/dataset.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { number } from '../../src-core/dicom/values.ts'
import type { DecodedFrame, Imaging, InstanceSource } from '../../src-engine/imaging.ts'

/** More than this is not held in memory: the instance is refused instead. */
const LIMIT = 2 ** 30

/**
 * Every frame decoded, the regions made black.
 * @param decode of a pool of processes: what it reads is not to be trusted
 * @error too-large above 1 GiB; video; what decodeFrame and blackOut throw
 */
export async function cleanPixels(decode: Imaging['decodeFrame'], source: InstanceSource, dataset: DicomDataset, regions: readonly Region[]): Promise<CleanedPixels> {
  const NumberOfFrames = number(dataset, TAG.NumberOfFrames) ?? 1
  const first = await decode(source, 1)
  const size = first.pixels.length
  if (size * NumberOfFrames > LIMIT) throw new OutpostError('too-large')
  const pixels = new Uint8Array(size * NumberOfFrames)
  for (let frame = 1; frame <= NumberOfFrames; frame++) {
    const decoded = frame === 1 ? first : await decode(source, frame)
    if (decoded.pixels.length !== size) throw new OutpostError('decode-failed', { frame })
    pixels.set(paint(decoded, regions), (frame - 1) * size)
  }
  const { SamplesPerPixel, BitsAllocated, BitsStored, PixelRepresentation, PhotometricInterpretation } = first
  return { pixels, SamplesPerPixel, BitsAllocated, BitsStored, PixelRepresentation, PhotometricInterpretation }
}

function paint(decoded: DecodedFrame, regions: readonly Region[]): Uint8Array {
  const { Rows, Columns, SamplesPerPixel, BitsAllocated, BitsStored, PixelRepresentation, PhotometricInterpretation } = decoded
  return blackOut(decoded.pixels, {
    Rows, Columns, NumberOfFrames: 1, SamplesPerPixel, BitsAllocated, BitsStored, HighBit: BitsStored - 1, PixelRepresentation, PlanarConfiguration: 0, PhotometricInterpretation,
  }, regions)
}
