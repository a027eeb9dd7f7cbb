/**
 * Blacks out regions of native pixels (Clean Pixel Data), and proposes regions from the metadata of ultrasound images.
 */
import { copiedBytes } from '../bytes.ts'
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { checkDescription, type PixelDescription } from '../dicom/pixels/description.ts'
import { number, sequence } from '../dicom/values.ts'

/**
 * A rectangle in pixels, counted from the upper left corner. A region is drawn once and applies to every frame of every
 * instance of the series.
 */
export interface Region {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The attributes that decide where a pixel is in the bytes (PS3.3 C.7.6.3). */
export interface PixelLayout extends Omit<PixelDescription, 'sampleKind'> {
  /** The stored value that is shown black; for PALETTE COLOR it is the darkest entry. */
  readonly paletteBlack?: number
}

/** The part of a region that is inside the image, in whole pixels; null when no part is. */
function clip(
  region: Region,
  layout: PixelLayout,
  step: number,
): { left: number; top: number; right: number; bottom: number } | null {
  const left = Math.max(0, Math.floor(region.x / step) * step)
  const right = Math.min(layout.Columns, Math.ceil((region.x + region.width) / step) * step)
  const top = Math.max(0, Math.floor(region.y))
  const bottom = Math.min(layout.Rows, Math.ceil(region.y + region.height))
  return right > left && bottom > top ? { left, top, right, bottom } : null
}

/**
 * A copy of native little endian pixel data with the regions painted black in every frame. Bytes outside of the regions
 * are identical. Grey pixels get the darkest value that the image holds, so that the range from minimum to maximum
 * stays the same.
 * @error unsupported-bits, unsupported-photometric, pixel-data-too-short, bad-dimensions
 * @see PS3.3 C.7.6.3.1.2 (photometric interpretations and their order of samples), PS3.5 8.1.1 (packing)
 */
export function blackOut(pixels: Uint8Array, layout: PixelLayout, regions: readonly Region[]): Uint8Array {
  const { Rows, Columns, NumberOfFrames, SamplesPerPixel, BitsAllocated } = layout
  checkDescription({ ...layout, sampleKind: 'integer' })
  if (BitsAllocated === 1) return blackOutBits(pixels, layout, regions)
  if (![8, 16, 32, 64].includes(BitsAllocated)) throw new OutpostError('unsupported-bits', { BitsAllocated })
  const size = BitsAllocated / 8
  const isSubsampled =
    layout.PhotometricInterpretation === 'YBR_FULL_422' || layout.PhotometricInterpretation === 'YBR_PARTIAL_422'
  const samplesPerFrame = Rows * Columns * (isSubsampled ? 2 : SamplesPerPixel)
  if (samplesPerFrame * size * NumberOfFrames > pixels.length) throw new OutpostError('pixel-data-too-short')

  const black = blackSamples(pixels, layout)
  const painted = copiedBytes(pixels)
  // In YBR 4:2:2 two neighbouring pixels share their colour, so both are painted.
  const step = isSubsampled ? 2 : 1
  for (const region of regions) {
    const box = clip(region, layout, step)
    if (!box) continue
    for (let frame = 0; frame < NumberOfFrames; frame++) {
      const base = frame * samplesPerFrame
      for (let row = box.top; row < box.bottom; row++) {
        if (layout.PlanarConfiguration === 1 && SamplesPerPixel > 1 && !isSubsampled) {
          for (let plane = 0; plane < SamplesPerPixel; plane++) {
            const at = base + plane * Rows * Columns + row * Columns
            for (let column = box.left; column < box.right; column++) painted.set(black[plane]!, (at + column) * size)
          }
        } else {
          const samples = isSubsampled ? 2 : SamplesPerPixel
          const at = base + row * Columns * samples
          for (let sample = box.left * samples; sample < box.right * samples; sample++)
            painted.set(black[sample % black.length]!, (at + sample) * size)
        }
      }
    }
  }
  return painted
}

/**
 * The samples of one black pixel, each as its bytes. Where two pixels share their colour, these are the samples of
 * both.
 */
function blackSamples(pixels: Uint8Array, layout: PixelLayout): Uint8Array[] {
  const size = layout.BitsAllocated / 8
  const sample = (value: number | bigint): Uint8Array => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true)
    return bytes.subarray(0, size)
  }
  const scaledSamples = (...values: number[]): Uint8Array[] =>
    values.map((value) => sample(value * 2 ** Math.max(0, layout.BitsAllocated - 8)))
  switch (layout.PhotometricInterpretation) {
    case 'MONOCHROME1':
      return [sample(extremeStoredValue(pixels, layout, true))]
    case 'MONOCHROME2':
      return [sample(extremeStoredValue(pixels, layout, false))]
    case 'PALETTE COLOR':
      return [sample(layout.paletteBlack ?? 0)]
    case 'RGB':
      return scaledSamples(0, 0, 0)
    case 'YBR_FULL':
      return scaledSamples(0, 128, 128)
    // The order of the samples is Y1 Y2 Cb Cr.
    case 'YBR_FULL_422':
      return scaledSamples(0, 0, 128, 128)
    case 'YBR_PARTIAL_422':
      return scaledSamples(16, 16, 128, 128)
    default:
      throw new OutpostError('unsupported-photometric', { PhotometricInterpretation: layout.PhotometricInterpretation })
  }
}

/** The smallest or largest stored value of all frames; PixelRepresentation decides whether values are signed. */
function extremeStoredValue(pixels: Uint8Array, layout: PixelLayout, largest: boolean): number | bigint {
  const { BitsAllocated } = layout
  const size = BitsAllocated / 8
  const count = layout.Rows * layout.Columns * layout.NumberOfFrames
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength)
  if (BitsAllocated === 64) {
    const read = (index: number): bigint =>
      layout.PixelRepresentation ? view.getBigInt64(index * 8, true) : view.getBigUint64(index * 8, true)
    let extreme = read(0)
    for (let index = 1; index < count; index++) {
      const value = read(index)
      if (largest ? value > extreme : value < extreme) extreme = value
    }
    return extreme
  }
  const shift = 32 - layout.BitsStored
  const lowestBit = Math.max(0, layout.HighBit + 1 - layout.BitsStored)
  let extreme = largest ? -Infinity : Infinity
  for (let index = 0; index < count; index++) {
    const stored =
      size === 1 ? view.getUint8(index) : size === 2 ? view.getUint16(index * 2, true) : view.getUint32(index * 4, true)
    const raised = (stored >>> lowestBit) << shift
    const value = layout.PixelRepresentation ? raised >> shift : raised >>> shift
    if (largest ? value > extreme : value < extreme) extreme = value
  }
  return extreme * 2 ** lowestBit
}

/**
 * Blacks out images of one bit per pixel. The bits are packed from the least significant one on, and frames follow each
 * other without padding (PS3.5 8.1.1).
 */
function blackOutBits(pixels: Uint8Array, layout: PixelLayout, regions: readonly Region[]): Uint8Array {
  const perFrame = layout.Rows * layout.Columns
  if (layout.SamplesPerPixel !== 1) throw new OutpostError('unsupported-bits', { BitsAllocated: 1 })
  if (Math.ceil((perFrame * layout.NumberOfFrames) / 8) > pixels.length) throw new OutpostError('pixel-data-too-short')
  const painted = copiedBytes(pixels)
  const paintsOnes = layout.PhotometricInterpretation === 'MONOCHROME1'
  for (const region of regions) {
    const box = clip(region, layout, 1)
    if (!box) continue
    for (let frame = 0; frame < layout.NumberOfFrames; frame++) {
      for (let row = box.top; row < box.bottom; row++) {
        for (let column = box.left; column < box.right; column++) {
          const bit = frame * perFrame + row * layout.Columns + column
          const mask = 1 << (bit & 7)
          painted[bit >> 3] = paintsOnes ? painted[bit >> 3]! | mask : painted[bit >> 3]! & ~mask
        }
      }
    }
  }
  return painted
}

/**
 * Proposes to black out everything outside the calibrated regions of an ultrasound image, where devices write names.
 * The area is divided into as few rectangles as horizontal bands allow. For several images of a series it is the area
 * outside the regions of all images that are as large as the first, because the content of each of them must stay
 * visible.
 * @returns an empty list when the images declare no regions; a person then decides without a proposal
 * @see PS3.3 C.8.5.5 (locations are inclusive)
 */
export function proposeRegions(...datasets: readonly DicomDataset[]): Region[] {
  const [first] = datasets
  if (!first) return []
  const Rows = number(first, TAG.Rows) ?? 0
  const Columns = number(first, TAG.Columns) ?? 0
  const sameSize = datasets.filter(
    (dataset) => number(dataset, TAG.Rows) === Rows && number(dataset, TAG.Columns) === Columns,
  )
  const declared = sameSize
    .flatMap((dataset) => sequence(dataset, TAG.SequenceOfUltrasoundRegions))
    .map((item) => ({
      left: Math.max(0, number(item, TAG.RegionLocationMinX0) ?? 0),
      top: Math.max(0, number(item, TAG.RegionLocationMinY0) ?? 0),
      right: Math.min(Columns, (number(item, TAG.RegionLocationMaxX1) ?? -1) + 1),
      bottom: Math.min(Rows, (number(item, TAG.RegionLocationMaxY1) ?? -1) + 1),
    }))
    .filter((box) => box.right > box.left && box.bottom > box.top)
  const calibrated = [...new Map(declared.map((box) => [Object.values(box).join(), box])).values()].slice(0, 64)
  if (calibrated.length === 0) return []
  const edges = [...new Set([0, Rows, ...calibrated.flatMap((box) => [box.top, box.bottom])])].sort((a, b) => a - b)
  const proposed: Region[] = []
  for (let band = 0; band + 1 < edges.length; band++) {
    const [top, bottom] = [edges[band]!, edges[band + 1]!]
    const spans = calibrated.filter((box) => box.top < bottom && box.bottom > top).sort((a, b) => a.left - b.left)
    let x = 0
    for (const span of [...spans, { left: Columns, right: Columns }]) {
      if (span.left > x) addRectangle(proposed, { x, y: top, width: span.left - x, height: bottom - top })
      x = Math.max(x, span.right)
    }
  }
  return proposed
}

/** Adds a rectangle, or extends the one directly above it when both have the same columns. */
function addRectangle(regions: Region[], next: Region): void {
  const above = regions.findIndex(
    (region) => region.x === next.x && region.width === next.width && region.y + region.height === next.y,
  )
  if (above < 0) regions.push(next)
  else regions[above] = { ...regions[above]!, height: regions[above]!.height + next.height }
}
