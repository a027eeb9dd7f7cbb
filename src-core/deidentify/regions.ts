/** Rectangles of native pixels made black (Clean Pixel Data), and the rectangles that ultrasound metadata proposes. */
import { copiedBytes } from '../bytes.ts'
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { checkDescription, type PixelDescription } from '../dicom/pixels/description.ts'
import { number, sequence } from '../dicom/values.ts'

/** In pixels from the upper left corner; drawn once, it applies to every frame of every instance of the series. */
export interface Region {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What says where a pixel lies in the bytes (PS3.3 C.7.6.3). */
export interface PixelLayout extends Omit<PixelDescription, 'sampleKind'> {
  /** Stored value that looks black: of PALETTE COLOR the darkest entry. */
  readonly paletteBlack?: number
}

/** Part of a region inside the image, in whole pixels; null when nothing is. */
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
 * A copy of native little endian pixel data with the regions painted in every frame; bytes outside are identical.
 * Grey becomes the darkest value that the image holds, so that the range from minimum to maximum stays as it was.
 * @error unsupported-bits, unsupported-photometric, pixel-data-too-short, bad-dimensions
 * @see PS3.3 C.7.6.3.1.2 (photometric interpretations and their order of samples), PS3.5 8.1.1 (packing)
 */
export function blackOut(pixels: Uint8Array, layout: PixelLayout, regions: readonly Region[]): Uint8Array {
  const { Rows, Columns, NumberOfFrames, SamplesPerPixel, BitsAllocated } = layout
  checkDescription({ ...layout, sampleKind: 'integer' })
  if (BitsAllocated === 1) return blackOutBits(pixels, layout, regions)
  if (![8, 16, 32, 64].includes(BitsAllocated)) throw new OutpostError('unsupported-bits', { BitsAllocated })
  const size = BitsAllocated / 8
  const halved =
    layout.PhotometricInterpretation === 'YBR_FULL_422' || layout.PhotometricInterpretation === 'YBR_PARTIAL_422'
  const samplesPerFrame = Rows * Columns * (halved ? 2 : SamplesPerPixel)
  if (samplesPerFrame * size * NumberOfFrames > pixels.length) throw new OutpostError('pixel-data-too-short')

  const black = blackSamples(pixels, layout)
  const painted = copiedBytes(pixels)
  // Two pixels share their colour: both are painted.
  const step = halved ? 2 : 1
  for (const region of regions) {
    const box = clip(region, layout, step)
    if (!box) continue
    for (let frame = 0; frame < NumberOfFrames; frame++) {
      const base = frame * samplesPerFrame
      for (let row = box.top; row < box.bottom; row++) {
        if (layout.PlanarConfiguration === 1 && SamplesPerPixel > 1 && !halved) {
          for (let plane = 0; plane < SamplesPerPixel; plane++) {
            const at = base + plane * Rows * Columns + row * Columns
            for (let column = box.left; column < box.right; column++) painted.set(black[plane]!, (at + column) * size)
          }
        } else {
          const samples = halved ? 2 : SamplesPerPixel
          const at = base + row * Columns * samples
          for (let sample = box.left * samples; sample < box.right * samples; sample++)
            painted.set(black[sample % black.length]!, (at + sample) * size)
        }
      }
    }
  }
  return painted
}

/** The samples of one black pixel (of two, where they share their colour), each as it lies in the bytes. */
function blackSamples(pixels: Uint8Array, layout: PixelLayout): Uint8Array[] {
  const size = layout.BitsAllocated / 8
  const sample = (value: number | bigint): Uint8Array => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true)
    return bytes.subarray(0, size)
  }
  const of = (...values: number[]): Uint8Array[] =>
    values.map((value) => sample(value * 2 ** Math.max(0, layout.BitsAllocated - 8)))
  switch (layout.PhotometricInterpretation) {
    case 'MONOCHROME1':
      return [sample(extreme(pixels, layout, true))]
    case 'MONOCHROME2':
      return [sample(extreme(pixels, layout, false))]
    case 'PALETTE COLOR':
      return [sample(layout.paletteBlack ?? 0)]
    case 'RGB':
      return of(0, 0, 0)
    case 'YBR_FULL':
      return of(0, 128, 128)
    // Order of samples: Y1 Y2 Cb Cr.
    case 'YBR_FULL_422':
      return of(0, 0, 128, 128)
    case 'YBR_PARTIAL_422':
      return of(16, 16, 128, 128)
    default:
      throw new OutpostError('unsupported-photometric', { PhotometricInterpretation: layout.PhotometricInterpretation })
  }
}

/** Smallest or largest stored value of all frames, read as PixelRepresentation says. */
function extreme(pixels: Uint8Array, layout: PixelLayout, largest: boolean): number | bigint {
  const { BitsAllocated } = layout
  const size = BitsAllocated / 8
  const count = layout.Rows * layout.Columns * layout.NumberOfFrames
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength)
  if (BitsAllocated === 64) {
    const read = (index: number): bigint =>
      layout.PixelRepresentation ? view.getBigInt64(index * 8, true) : view.getBigUint64(index * 8, true)
    let found = read(0)
    for (let index = 1; index < count; index++) {
      const value = read(index)
      if (largest ? value > found : value < found) found = value
    }
    return found
  }
  const shift = 32 - layout.BitsStored
  const low = Math.max(0, layout.HighBit + 1 - layout.BitsStored)
  let found = largest ? -Infinity : Infinity
  for (let index = 0; index < count; index++) {
    const stored =
      size === 1 ? view.getUint8(index) : size === 2 ? view.getUint16(index * 2, true) : view.getUint32(index * 4, true)
    const raised = (stored >>> low) << shift
    const value = layout.PixelRepresentation ? raised >> shift : raised >>> shift
    if (largest ? value > found : value < found) found = value
  }
  return found * 2 ** low
}

/** One bit per pixel, packed from the least significant bit on, frames without padding between them (PS3.5 8.1.1). */
function blackOutBits(pixels: Uint8Array, layout: PixelLayout, regions: readonly Region[]): Uint8Array {
  const perFrame = layout.Rows * layout.Columns
  if (layout.SamplesPerPixel !== 1) throw new OutpostError('unsupported-bits', { BitsAllocated: 1 })
  if (Math.ceil((perFrame * layout.NumberOfFrames) / 8) > pixels.length) throw new OutpostError('pixel-data-too-short')
  const painted = copiedBytes(pixels)
  const set = layout.PhotometricInterpretation === 'MONOCHROME1'
  for (const region of regions) {
    const box = clip(region, layout, 1)
    if (!box) continue
    for (let frame = 0; frame < layout.NumberOfFrames; frame++) {
      for (let row = box.top; row < box.bottom; row++) {
        for (let column = box.left; column < box.right; column++) {
          const bit = frame * perFrame + row * layout.Columns + column
          const mask = 1 << (bit & 7)
          painted[bit >> 3] = set ? painted[bit >> 3]! | mask : painted[bit >> 3]! & ~mask
        }
      }
    }
  }
  return painted
}

/**
 * Everything outside the calibrated regions of an ultrasound image, as few rectangles as bands allow: there devices
 * write names.
 * Of several images of one series, what lies outside the regions of all that are as large as the first: the rest of
 * them must stay in sight.
 * Empty when the images declare no regions; then nothing is known and a person decides alone.
 * @see PS3.3 C.8.5.5 (locations are inclusive)
 */
export function proposeRegions(...datasets: readonly DicomDataset[]): Region[] {
  const [first] = datasets
  if (!first) return []
  const Rows = number(first, TAG.Rows) ?? 0
  const Columns = number(first, TAG.Columns) ?? 0
  const alike = datasets.filter(
    (dataset) => number(dataset, TAG.Rows) === Rows && number(dataset, TAG.Columns) === Columns,
  )
  const declared = alike
    .flatMap((dataset) => sequence(dataset, TAG.SequenceOfUltrasoundRegions))
    .map((item) => ({
      left: Math.max(0, number(item, TAG.RegionLocationMinX0) ?? 0),
      top: Math.max(0, number(item, TAG.RegionLocationMinY0) ?? 0),
      right: Math.min(Columns, (number(item, TAG.RegionLocationMaxX1) ?? -1) + 1),
      bottom: Math.min(Rows, (number(item, TAG.RegionLocationMaxY1) ?? -1) + 1),
    }))
    .filter((box) => box.right > box.left && box.bottom > box.top)
  const kept = [...new Map(declared.map((box) => [Object.values(box).join(), box])).values()].slice(0, 64)
  if (kept.length === 0) return []
  const edges = [...new Set([0, Rows, ...kept.flatMap((box) => [box.top, box.bottom])])].sort((a, b) => a - b)
  const proposed: Region[] = []
  for (let band = 0; band + 1 < edges.length; band++) {
    const [top, bottom] = [edges[band]!, edges[band + 1]!]
    const spans = kept.filter((box) => box.top < bottom && box.bottom > top).sort((a, b) => a.left - b.left)
    let x = 0
    for (const span of [...spans, { left: Columns, right: Columns }]) {
      if (span.left > x) addBand(proposed, { x, y: top, width: span.left - x, height: bottom - top })
      x = Math.max(x, span.right)
    }
  }
  return proposed
}

/** Joins a rectangle to one of the same columns that ends where it begins. */
function addBand(regions: Region[], next: Region): void {
  const above = regions.findIndex(
    (region) => region.x === next.x && region.width === next.width && region.y + region.height === next.y,
  )
  if (above < 0) regions.push(next)
  else regions[above] = { ...regions[above]!, height: regions[above]!.height + next.height }
}
