/** The layout of an image's pixels in its bytes, as the header describes it and as painting needs it. */
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { frameCount } from '../dicom/pixels/frame-count.ts'
import { number, numbers, text } from '../dicom/values.ts'
import type { PixelLayout } from './regions.ts'

/** The layout of an image's native pixels. */
export function layoutOf(dataset: DicomDataset): PixelLayout {
  const BitsAllocated = number(dataset, TAG.BitsAllocated) ?? 16
  const BitsStored = number(dataset, TAG.BitsStored) ?? BitsAllocated
  return {
    Rows: number(dataset, TAG.Rows) ?? 0,
    Columns: number(dataset, TAG.Columns) ?? 0,
    NumberOfFrames: frameCount(number(dataset, TAG.NumberOfFrames)),
    SamplesPerPixel: number(dataset, TAG.SamplesPerPixel) ?? 1,
    BitsAllocated,
    BitsStored,
    HighBit: number(dataset, TAG.HighBit) ?? BitsStored - 1,
    PixelRepresentation: number(dataset, TAG.PixelRepresentation) === 1 ? 1 : 0,
    PlanarConfiguration: number(dataset, TAG.PlanarConfiguration) === 1 ? 1 : 0,
    PhotometricInterpretation: text(dataset, TAG.PhotometricInterpretation),
    paletteBlack: darkestEntry(dataset),
  }
}

/**
 * The stored value of the palette entry whose red, green and blue have the smallest sum; 0 when the palette is
 * segmented or absent.
 */
function darkestEntry(dataset: DicomDataset): number {
  const first = numbers(dataset, TAG.RedPaletteColorLookupTableDescriptor)[1] ?? 0
  const tables = [
    TAG.RedPaletteColorLookupTableData,
    TAG.GreenPaletteColorLookupTableData,
    TAG.BluePaletteColorLookupTableData,
  ].map((tag) => numbers(dataset, tag))
  const [red, green, blue] = tables
  if (!red?.length || !green || !blue) return 0
  let darkest = 0
  let smallestSum = Infinity
  for (let index = 0; index < red.length; index++) {
    const sum = red[index]! + (green[index] ?? 0) + (blue[index] ?? 0)
    if (sum < smallestSum) [smallestSum, darkest] = [sum, index]
  }
  return first + darkest
}

/**
 * Whether an overlay is stored in the unused bits of the pixel cells, as old devices do (retired, PS3.3 C.9.2: Overlay
 * Bit Position is not 0).
 */
export function hasOverlayInPixels(dataset: DicomDataset): boolean {
  for (let group = 0x6000; group <= 0x601e; group += 2)
    if ((number(dataset, group * 0x10000 + 0x0102) ?? 0) > 0) return true
  return false
}
