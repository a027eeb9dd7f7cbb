/** Reads how a frame is displayed: modality, VOI, presentation, palette, padding, overlays. */
import type { DicomDataset } from '../dataset.ts'
import { number, numbers, sequence, text, valueBytes } from '../values.ts'
import type { PixelDescription } from './description.ts'
import { expandSegments, isEmptyTable, lutInput, readLookupTable, type LookupTable } from './lookup-table.ts'
import { IDENTITY, type Modality } from './modality.ts'
import type { OverlayPlane } from './overlay.ts'
import type { Palette } from './palette.ts'
import { isWidthAllowed, type Voi, type VoiFunction } from './voi.ts'

/**
 * The data sets that describe a frame, the most specific first: its own functional groups, the shared ones, the image
 * (PS3.3 C.7.6.16).
 * @param frame counted from 1
 */
function scopes(dataset: DicomDataset, frame: number, macro: number): DicomDataset[] {
  const frameGroups = sequence(dataset, 0x52009230)[frame - 1]
  const sharedGroups = sequence(dataset, 0x52009229)[0]
  return [...[frameGroups, sharedGroups].flatMap((group) => (group ? sequence(group, macro).slice(0, 1) : [])), dataset]
}

/** The first item of a LUT sequence that has a table; undefined when there is none. */
function lutItem(scope: DicomDataset, tag: number): DicomDataset | undefined {
  return sequence(scope, tag).find(
    (item) => !isEmptyTable(numbers(item, 0x00283002), item.elements.get(0x00283006)?.valueLength ?? 0),
  )
}

/**
 * The modality transformation of a frame.
 * @error bad-lut
 */
export function readModality(dataset: DicomDataset, frame: number, description: PixelDescription): Modality {
  const lut = lutItem(dataset, 0x00283000)
  if (lut) return { kind: 'lut', table: readTable(lut, 0x00283002, 0x00283006, description.PixelRepresentation === 1) }
  for (const scope of scopes(dataset, frame, 0x00289145)) {
    const RescaleSlope = number(scope, 0x00281053)
    const RescaleIntercept = number(scope, 0x00281052)
    if (RescaleSlope !== undefined || RescaleIntercept !== undefined)
      return { kind: 'rescale', RescaleSlope: RescaleSlope || 1, RescaleIntercept: RescaleIntercept ?? 0 }
  }
  return IDENTITY
}

/**
 * The VOI of a frame: the VOI LUT Sequence, else the first window whose width is allowed, else null.
 * @error bad-lut
 */
export function readVoi(dataset: DicomDataset, frame: number, description: PixelDescription): Voi | null {
  for (const scope of scopes(dataset, frame, 0x00289132)) {
    const lut = lutItem(scope, 0x00283010)
    if (lut)
      return {
        kind: 'lut',
        table: readTable(
          lut,
          0x00283002,
          0x00283006,
          description.PixelRepresentation === 1 || lut.elements.get(0x00283002)?.vr === 'SS',
        ),
      }
    const WindowCenter = number(scope, 0x00281050)
    const WindowWidth = number(scope, 0x00281051)
    if (WindowCenter === undefined || WindowWidth === undefined) continue
    const statedFunction = text(scope, 0x00281056).trim()
    // LINEAR counts whole grey values, which floating point numbers do not have. A width of 1 would show black and
    // white only.
    const defaultFunction: VoiFunction = description.sampleKind === 'integer' ? 'LINEAR' : 'LINEAR_EXACT'
    const VOILUTFunction: VoiFunction =
      statedFunction === 'SIGMOID' || statedFunction === 'LINEAR_EXACT' ? statedFunction : defaultFunction
    if (isWidthAllowed(WindowWidth, VOILUTFunction))
      return { kind: 'window', WindowCenter, WindowWidth, VOILUTFunction }
  }
  return null
}

/** Whether large values are shown dark. */
export function isInverted(dataset: DicomDataset, PhotometricInterpretation: string): boolean {
  const presentationShape = text(dataset, 0x20500020).trim()
  if (presentationShape === 'INVERSE') return true
  return PhotometricInterpretation === 'MONOCHROME1' && presentationShape !== 'IDENTITY'
}

/**
 * The range of stored values that are padding and no measurement.
 * @see PS3.3 C.7.5.1.1.2
 */
export function readPadding(dataset: DicomDataset, description: PixelDescription): { from: number; to: number } | null {
  const value = number(dataset, 0x00280120)
  if (value === undefined) return null
  const limit = number(dataset, 0x00280121) ?? value
  const signed = (word: number): number =>
    description.PixelRepresentation === 1 && word >= 2 ** (description.BitsAllocated - 1)
      ? word - 2 ** description.BitsAllocated
      : word
  const ends = [signed(value), signed(limit)]
  return { from: Math.min(...ends), to: Math.max(...ends) }
}

/**
 * The palette, from plain or segmented tables; null when a table is missing.
 * @error bad-lut
 */
export function readPalette(dataset: DicomDataset, description: PixelDescription): Palette | null {
  const signed = description.PixelRepresentation === 1
  const [red, green, blue] = [1, 2, 3].map((channel) => {
    const descriptor = 0x00281100 + channel
    if (!dataset.elements.has(descriptor)) return null
    if (dataset.elements.has(0x00281200 + channel)) return readTable(dataset, descriptor, 0x00281200 + channel, signed)
    return dataset.elements.has(0x00281220 + channel)
      ? readSegmentedTable(dataset, descriptor, 0x00281220 + channel, signed)
      : null
  })
  return red && green && blue ? { red, green, blue } : null
}

function readTable(scope: DicomDataset, descriptor: number, data: number, signed: boolean): LookupTable {
  const element = scope.elements.get(data)
  return readLookupTable(
    numbers(scope, descriptor),
    element ? valueBytes(scope, element) : new Uint8Array(),
    scope.littleEndian,
    signed,
  )
}

function readSegmentedTable(dataset: DicomDataset, descriptor: number, data: number, signed: boolean): LookupTable {
  const descriptorValues = numbers(dataset, descriptor)
  const { length, firstValueMapped } = lutInput(descriptorValues, signed)
  const bits = descriptorValues[2] === 8 ? 8 : 16
  const bytes = valueBytes(dataset, dataset.elements.get(data)!)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const words =
    bits === 8
      ? Uint16Array.from(bytes)
      : Uint16Array.from({ length: bytes.length >> 1 }, (_, i) => view.getUint16(i * 2, dataset.littleEndian))
  return { firstValueMapped, bits, entries: expandSegments(words, length) }
}

/** An overlay with its own data, or the bit of the pixels that holds the overlay. */
export type OverlaySource =
  | { readonly kind: 'plane'; readonly plane: OverlayPlane }
  | { readonly kind: 'embedded'; readonly position: number; readonly Rows: number; readonly Columns: number }

/**
 * The overlays of a frame, in the groups 6000 to 601E.
 * @param frame counted from 1
 */
export function readOverlays(dataset: DicomDataset, frame: number, description: PixelDescription): OverlaySource[] {
  const overlays: OverlaySource[] = []
  for (let group = 0x60000000; group <= 0x601e0000; group += 0x00020000) {
    const Rows = number(dataset, group + 0x0010)
    const Columns = number(dataset, group + 0x0011)
    if (!Rows || !Columns) continue
    const element = dataset.elements.get(group + 0x3000)
    if (!element) {
      const position = number(dataset, group + 0x0102) ?? 0
      const outside = position > description.HighBit || position < description.HighBit - description.BitsStored + 1
      if (outside && position > 0 && position < description.BitsAllocated && description.BitsAllocated <= 32)
        overlays.push({ kind: 'embedded', position, Rows, Columns })
      continue
    }
    const frames = number(dataset, group + 0x0015) ?? 1
    const firstFrame = number(dataset, group + 0x0051) ?? 1
    const index = frames > 1 || firstFrame > 1 ? frame - firstFrame : 0
    if (index < 0 || index >= frames) continue
    const [row = 1, column = 1] = numbers(dataset, group + 0x0050).map((word) => (word > 32_767 ? word - 65_536 : word))
    overlays.push({
      kind: 'plane',
      plane: {
        Rows,
        Columns,
        origin: { row, column },
        firstBit: index * Rows * Columns,
        data: valueBytes(dataset, element),
      },
    })
  }
  return overlays
}
