/** Paints the stored values of one frame as canvas pixels. Pure. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { storedValue } from '../../src-core/dicom/pixels/stored-value.ts'
import type { LookupTable } from '../../src-core/dicom/pixels/lookup-table.ts'
import { displayStored, grayPixel, grayTable, type VoiWindow } from './gray-table.ts'
import type { Palette } from './palette.ts'

export type Samples = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array

/** Decoded stored values with what is needed to show them. */
export interface StoredFrame {
  readonly Rows: number
  readonly Columns: number
  readonly samples: Samples
  readonly SamplesPerPixel: 1 | 3
  readonly PhotometricInterpretation: string
  /** IDENTITY, INVERSE or empty (PS3.3 C.11.6.1.2). */
  readonly PresentationLUTShape: string
  readonly RescaleSlope: number
  readonly RescaleIntercept: number
  /** The modality LUT; null when slope and intercept apply instead. */
  readonly modalityTable: LookupTable | null
  readonly palette: Palette | null
  /** 1 for each pixel that an overlay covers; null when there is no overlay. */
  readonly overlayMask: Uint8Array | null
  /** The smallest and largest stored value, or output of the modality LUT; for grey frames only. */
  readonly range: readonly [number, number]
}

export interface SampleLayout {
  readonly count: number
  /** The bits of each sample as sent: 8, 16 or 32. */
  readonly BitsAllocated: number
  readonly BitsStored: number
  readonly HighBit: number
  readonly PixelRepresentation: 0 | 1
}

/**
 * Reads the bytes of a frame as stored values: little endian, colour by pixel. Bits outside BitsStored are dropped and
 * the sign is extended (PS3.5 8.1.1).
 * @error pixel-data-too-short, unsupported-bits
 */
export function samplesOf(bytes: ArrayBuffer, layout: SampleLayout): Samples {
  const { count, BitsAllocated, PixelRepresentation } = layout
  if (BitsAllocated !== 8 && BitsAllocated !== 16 && BitsAllocated !== 32)
    throw new OutpostError('unsupported-bits', { BitsAllocated })
  if (bytes.byteLength < count * (BitsAllocated / 8))
    throw new OutpostError('pixel-data-too-short', { expected: count * (BitsAllocated / 8), found: bytes.byteLength })
  const kinds = { 8: [Uint8Array, Int8Array], 16: [Uint16Array, Int16Array], 32: [Uint32Array, Int32Array] } as const
  const samples = new kinds[BitsAllocated][PixelRepresentation](bytes, 0, count)
  const usesAllBits =
    layout.BitsStored >= BitsAllocated || layout.HighBit >= BitsAllocated || layout.HighBit < layout.BitsStored - 1
  if (!usesAllBits)
    for (let index = 0; index < samples.length; index += 1) samples[index] = storedValue(samples[index]!, layout)
  return samples
}

/**
 * Returns the smallest and largest stored value, without padding (PS3.3 C.7.5.1.1.2).
 * @param padding both ends of the range of stored values that stand for no image
 * @param modality maps a stored value by the modality LUT; the range is then one of mapped values
 */
export function rangeOf(
  samples: Samples,
  padding: readonly [number, number] | null = null,
  modality?: (stored: number) => number,
): [number, number] {
  const [from, to] = padding ?? [1, 0]
  let smallest = Infinity
  let largest = -Infinity
  for (let index = 0; index < samples.length; index += 1) {
    const stored = samples[index]!
    if (stored >= from && stored <= to) continue
    const value = modality ? modality(stored) : stored
    if (value < smallest) smallest = value
    if (value > largest) largest = value
  }
  return smallest <= largest ? [smallest, largest] : [0, 0]
}

/**
 * Returns the window that shows every value of a frame, in modality units; it is used where the file names no window.
 */
export function fullWindow(frame: StoredFrame): VoiWindow {
  const [smallest, largest] = frame.range
    .map((value) => (frame.modalityTable ? value : value * frame.RescaleSlope + frame.RescaleIntercept))
    .sort((a, b) => a - b)
  // LINEAR maps center − 0.5 ± (width − 1) / 2 to black and white (PS3.3 C.11.2.1.2.1): with this window the
  // smallest value is black and the largest is white.
  return { center: (smallest! + largest! + 1) / 2, width: largest! - smallest! + 1, function: 'LINEAR' }
}

export interface PaintOptions {
  readonly window: VoiWindow
  /** The VOI LUT that is used instead of the window. */
  readonly voiTable?: LookupTable | null
  readonly inverted: boolean
}

/**
 * Paints a frame into `target`, 4 bytes for each pixel.
 * @error unsupported-photometric
 */
export function paintFrame(frame: StoredFrame, options: PaintOptions, target: Uint8ClampedArray<ArrayBuffer>): void {
  const pixels = new Uint32Array(target.buffer, target.byteOffset, frame.Rows * frame.Columns)
  if (frame.SamplesPerPixel === 3) paintColor(frame, options.inverted, pixels)
  else if (frame.PhotometricInterpretation === 'PALETTE COLOR') paintPalette(frame, options.inverted, pixels)
  else if (/^MONOCHROME[12]$/.test(frame.PhotometricInterpretation)) paintGray(frame, options, pixels)
  else throw new OutpostError('unsupported-photometric', { PhotometricInterpretation: frame.PhotometricInterpretation })
  const { overlayMask } = frame
  // Overlays stay white, also on an inverted image.
  if (overlayMask)
    for (let index = 0; index < pixels.length; index += 1) if (overlayMask[index]) pixels[index] = 0xffffffff
}

function paintGray(frame: StoredFrame, options: PaintOptions, pixels: Uint32Array): void {
  const { samples, RescaleSlope, RescaleIntercept, modalityTable } = frame
  const pipeline = {
    RescaleSlope,
    RescaleIntercept,
    modalityTable,
    window: options.window,
    voiTable: options.voiTable ?? null,
  }
  const lowIsWhite =
    frame.PresentationLUTShape === 'INVERSE' ||
    (frame.PhotometricInterpretation === 'MONOCHROME1' && frame.PresentationLUTShape !== 'IDENTITY')
  const inverted = options.inverted !== lowIsWhite
  if (samples.BYTES_PER_ELEMENT === 4) {
    // A table of 2^32 entries would not fit into memory, so each value of such a frame (dose, parametric map) is
    // computed.
    for (let index = 0; index < pixels.length; index += 1)
      pixels[index] = grayPixel(displayStored(samples[index]!, pipeline), inverted)
    return
  }
  const bits = samples.BYTES_PER_ELEMENT === 1 ? 8 : 16
  const signed = samples instanceof Int8Array || samples instanceof Int16Array
  const table = grayTable({ bits, signed, ...pipeline, inverted })
  const mask = table.length - 1
  for (let index = 0; index < pixels.length; index += 1) pixels[index] = table[samples[index]! & mask]!
}

function paintColor(frame: StoredFrame, inverted: boolean, pixels: Uint32Array): void {
  const { samples, PhotometricInterpretation } = frame
  if (PhotometricInterpretation !== 'RGB')
    throw new OutpostError('unsupported-photometric', { PhotometricInterpretation })
  // Only the upper byte of a 16-bit colour sample is shown.
  const shift = samples.BYTES_PER_ELEMENT === 1 ? 0 : 8
  const flip = inverted ? 0x00ffffff : 0
  for (let index = 0, at = 0; index < pixels.length; index += 1, at += 3) {
    const color =
      ((samples[at]! >> shift) & 255) |
      (((samples[at + 1]! >> shift) & 255) << 8) |
      (((samples[at + 2]! >> shift) & 255) << 16)
    pixels[index] = (0xff000000 | (color ^ flip)) >>> 0
  }
}

function paintPalette(frame: StoredFrame, inverted: boolean, pixels: Uint32Array): void {
  const { samples, palette } = frame
  if (!palette) throw new OutpostError('bad-lut')
  const last = palette.colors.length / 3 - 1
  const flip = inverted ? 0x00ffffff : 0
  for (let index = 0; index < pixels.length; index += 1) {
    const at = Math.min(Math.max(samples[index]! - palette.first, 0), last) * 3
    const color = palette.colors[at]! | (palette.colors[at + 1]! << 8) | (palette.colors[at + 2]! << 16)
    pixels[index] = (0xff000000 | (color ^ flip)) >>> 0
  }
}
