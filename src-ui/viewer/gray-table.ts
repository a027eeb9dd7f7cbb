/** Turns stored values into display greys: modality rescale, then VOI. Pure. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { lookUp, type LookupTable } from '../../src-core/dicom/pixels/lookup-table.ts'

export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID'

export interface VoiWindow {
  /** Modality units (HU for CT). */
  readonly center: number
  /** Same units; at least 1 for LINEAR, more than 0 otherwise. */
  readonly width: number
  readonly function: VoiFunction
}

/**
 * Display value of one modality value.
 * @returns 0 to 255, not rounded
 * @error window-width-too-small
 * @see PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2 (LINEAR_EXACT)
 */
export function displayValue(value: number, window: VoiWindow): number {
  const { center, width } = window
  if (!(window.function === 'LINEAR' ? width >= 1 : width > 0))
    throw new OutpostError('window-width-too-small', { width })
  if (window.function === 'SIGMOID') return 255 / (1 + Math.exp((-4 * (value - center)) / width))
  const [middle, span] = window.function === 'LINEAR' ? [center - 0.5, width - 1] : [center, width]
  if (value <= middle - span / 2) return 0
  if (value > middle + span / 2) return 255
  return ((value - middle) / span + 0.5) * 255
}

/** The steps from stored values to display greys. A table takes precedence over the numbers beside it. */
export interface GrayPipeline {
  readonly RescaleSlope: number
  readonly RescaleIntercept: number
  readonly modalityTable?: LookupTable | null
  readonly window: VoiWindow
  readonly voiTable?: LookupTable | null
}

/** Display value of one stored value, 0 to 255, not rounded. @error window-width-too-small */
export function displayStored(
  stored: number,
  { RescaleSlope, RescaleIntercept, modalityTable, window, voiTable }: GrayPipeline,
): number {
  const value = modalityTable ? lookUp(modalityTable, stored) : stored * RescaleSlope + RescaleIntercept
  return voiTable ? Math.min(1, lookUp(voiTable, value) / (2 ** voiTable.bits - 1)) * 255 : displayValue(value, window)
}

export interface GrayTableRequest extends GrayPipeline {
  readonly bits: 8 | 16
  readonly signed: boolean
  /** Swaps black and white: for MONOCHROME1 or because the reader inverted the image, but not for both at once. */
  readonly inverted: boolean
}

/**
 * Returns the grey of every stored value, as opaque pixels in the byte order of canvas image data.
 * @returns 256 or 65,536 entries; the index is the stored sample read as unsigned
 */
export function grayTable(request: GrayTableRequest): Uint32Array {
  const { bits, signed, inverted } = request
  const size = bits === 8 ? 256 : 65_536
  const table = new Uint32Array(size)
  for (let index = 0; index < size; index += 1) {
    const stored = signed && index >= size / 2 ? index - size : index
    table[index] = grayPixel(displayStored(stored, request), inverted)
  }
  return table
}

/** Returns one opaque grey pixel. Red is the lowest byte, since every machine that runs a browser is little endian. */
export function grayPixel(value: number, inverted: boolean): number {
  const gray = Math.round(inverted ? 255 - value : value)
  return (0xff000000 | (gray << 16) | (gray << 8) | gray) >>> 0
}
