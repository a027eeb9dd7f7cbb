/** Reads the Image Pixel module of a data set as a description of its samples (PS3.3 C.7.6.3). */
import { OutpostError } from '../../contract/errors.ts'
import type { DicomDataset, DicomElement } from '../dataset.ts'
import { frameCount } from './frame-count.ts'
import { number, text } from '../values.ts'
import type { PixelDescription } from './description.ts'

const PIXEL_DATA = [
  [0x7fe00010, 'integer'],
  [0x7fe00008, 'float'],
  [0x7fe00009, 'double'],
] as const

/** The element that holds the pixels, and the kind of its samples; null when there is none. */
export function pixelDataElement(
  dataset: DicomDataset,
): { element: DicomElement; sampleKind: PixelDescription['sampleKind'] } | null {
  for (const [tag, sampleKind] of PIXEL_DATA) {
    const element = dataset.elements.get(tag)
    if (element) return { element, sampleKind }
  }
  return null
}

/**
 * The description of the pixels. Missing attributes get the only value that fits the others: one frame, one sample, all
 * bits stored, unsigned.
 * @error bad-dimensions when rows, columns or bits are missing
 */
export function readPixelDescription(
  dataset: DicomDataset,
  sampleKind: PixelDescription['sampleKind'],
): PixelDescription {
  const Rows = number(dataset, 0x00280010) ?? 0
  const Columns = number(dataset, 0x00280011) ?? 0
  const BitsAllocated = number(dataset, 0x00280100) ?? (sampleKind === 'double' ? 64 : sampleKind === 'float' ? 32 : 0)
  if (Rows === 0 || Columns === 0 || BitsAllocated === 0)
    throw new OutpostError('bad-dimensions', { Rows, Columns, BitsAllocated })
  const BitsStored = number(dataset, 0x00280101) ?? BitsAllocated
  return {
    Rows,
    Columns,
    BitsAllocated,
    BitsStored,
    sampleKind,
    NumberOfFrames: frameCount(number(dataset, 0x00280008)),
    SamplesPerPixel: number(dataset, 0x00280002) ?? 1,
    HighBit: number(dataset, 0x00280102) ?? BitsStored - 1,
    PixelRepresentation: number(dataset, 0x00280103) === 1 ? 1 : 0,
    PlanarConfiguration: number(dataset, 0x00280006) === 1 ? 1 : 0,
    PhotometricInterpretation: text(dataset, 0x00280004).trim(),
  }
}
