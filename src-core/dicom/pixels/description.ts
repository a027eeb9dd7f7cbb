/** The attributes of the Image Pixel module that decide how the samples of a frame are stored (PS3.3 C.7.6.3). */
import { OutpostError } from '../../contract/errors.ts'

export interface PixelDescription {
  readonly Rows: number
  readonly Columns: number
  readonly NumberOfFrames: number
  readonly SamplesPerPixel: number
  readonly BitsAllocated: number
  readonly BitsStored: number
  readonly HighBit: number
  readonly PixelRepresentation: 0 | 1
  readonly PlanarConfiguration: 0 | 1
  readonly PhotometricInterpretation: string
  /** integer: Pixel Data (7FE0,0010). float and double: (7FE0,0008) and (7FE0,0009), whose samples are IEEE numbers. */
  readonly sampleKind: 'integer' | 'float' | 'double'
}

/** The maximum size of a frame in bytes. A larger one is refused before anything is allocated. */
export const MAX_FRAME_BYTES = 512 * 1024 * 1024

/**
 * The size of one decoded frame in bytes. A sample of 1 bit takes a byte, a packed sample of 12 bits takes 16 bits.
 * @see decodedBits
 */
export function decodedFrameBytes(description: PixelDescription): number {
  return (
    description.Rows * description.Columns * description.SamplesPerPixel * (decodedBits(description.BitsAllocated) / 8)
  )
}

/** The number of bits of a decoded sample: 8, 16, 32 or 64. */
export function decodedBits(BitsAllocated: number): 8 | 16 | 32 | 64 {
  if (BitsAllocated <= 8) return 8
  if (BitsAllocated <= 16) return 16
  return BitsAllocated <= 32 ? 32 : 64
}

/**
 * Refuses descriptions that cannot be an image, before their size is used.
 * @error bad-dimensions, unsupported-bits, unsupported-photometric
 */
export function checkDescription(description: PixelDescription): void {
  const { Rows, Columns, NumberOfFrames, SamplesPerPixel, BitsAllocated, BitsStored, HighBit, sampleKind } = description
  for (const size of [Rows, Columns])
    if (!Number.isInteger(size) || size < 1 || size > 65_535)
      throw new OutpostError('bad-dimensions', { Rows, Columns })
  if (!Number.isInteger(NumberOfFrames) || NumberOfFrames < 1)
    throw new OutpostError('bad-dimensions', { NumberOfFrames })
  if (SamplesPerPixel !== 1 && SamplesPerPixel !== 3)
    throw new OutpostError('unsupported-photometric', { SamplesPerPixel })
  const allowed = sampleKind === 'integer' ? [1, 8, 12, 16, 32, 64] : sampleKind === 'float' ? [32] : [64]
  if (!allowed.includes(BitsAllocated)) throw new OutpostError('unsupported-bits', { BitsAllocated })
  if (SamplesPerPixel === 3 && BitsAllocated % 8 !== 0) throw new OutpostError('unsupported-bits', { BitsAllocated })
  if (
    sampleKind === 'integer' &&
    (BitsStored < 1 || BitsStored > BitsAllocated || HighBit < BitsStored - 1 || HighBit >= BitsAllocated)
  )
    throw new OutpostError('unsupported-bits', { BitsStored, HighBit })
  if (decodedFrameBytes(description) > MAX_FRAME_BYTES) throw new OutpostError('bad-dimensions', { Rows, Columns })
}
