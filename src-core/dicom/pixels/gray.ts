/**
 * Converts monochrome samples to 8-bit display values: modality, VOI and presentation in one table over raw words, or
 * value by value where words are too wide for a table.
 */
import type { Modality } from './modality.ts'
import { modalityFunction } from './modality.ts'
import { freshMemory, type Allocate } from './memory.ts'
import type { Raster } from './raster-type.ts'
import { shrinkWords } from './shrink.ts'
import { sampleArray, storedValue, type SampleBits } from './stored-value.ts'
import { voiFunction, type Voi } from './voi.ts'

export interface GraySource {
  /** Little endian samples; float and double are IEEE numbers. */
  readonly pixels: Uint8Array
  readonly BitsAllocated: 8 | 16 | 32 | 64
  readonly sampleKind: 'integer' | 'float' | 'double'
  readonly bits: SampleBits
  readonly modality: Modality
  /** The range of stored values that are no measurement. They are left out of the value range (PS3.3 C.7.5.1.1.2). */
  readonly padding: { readonly from: number; readonly to: number } | null
}

interface Range {
  readonly minimum: number
  readonly maximum: number
}

/** The distance between sampled bytes. It is odd, so that the samples are not all in a few columns. */
const SAMPLE_STEP = 17

/**
 * The smallest and largest modality value of a frame, without padding and values that are not numbers. When all values
 * are padding, it is 0 and 0. A mask of one bit always has both of its values as range, so that a mask that is set
 * everywhere is white.
 */
export function modalityRange(source: GraySource): Range {
  const { bits, sampleKind, BitsAllocated } = source
  if (bits.BitsStored === 1 && sampleKind === 'integer' && bits.PixelRepresentation === 0)
    return rangeOf([0, 1], source)
  if (!hasDisplayTable(source)) return rangeOf(wideSamples(source), source)
  if (BitsAllocated === 8) {
    // Most 8-bit images have black and white pixels, which a sample of the bytes already shows.
    const sampledRange = rangeOf(storedValues(source, SAMPLE_STEP), source)
    const possibleRange = rangeOf(
      Array.from({ length: 256 }, (_, word) => storedValue(word, bits)),
      source,
    )
    if (sampledRange.minimum === possibleRange.minimum && sampledRange.maximum === possibleRange.maximum)
      return sampledRange
  }
  return rangeOf(storedValues(source, 1), source)
}

/** The distinct stored values among every step-th word. */
function* storedValues({ pixels, BitsAllocated, bits }: GraySource, step: number): Generator<number> {
  const words = sampleArray(pixels, BitsAllocated as 8 | 16)
  const occurs = new Uint8Array(2 ** BitsAllocated)
  for (let i = 0; i < words.length; i += step) occurs[words[i]!] = 1
  for (let word = 0; word < occurs.length; word++) if (occurs[word]) yield storedValue(word, bits)
}

function rangeOf(values: Iterable<number>, { modality, padding }: GraySource): Range {
  const toModality = modalityFunction(modality)
  let minimum = Infinity
  let maximum = -Infinity
  for (const stored of values) {
    if (!Number.isFinite(stored) || (padding && stored >= padding.from && stored <= padding.to)) continue
    const value = toModality(stored)
    if (value < minimum) minimum = value
    if (value > maximum) maximum = value
  }
  return minimum <= maximum ? { minimum, maximum } : { minimum: 0, maximum: 0 }
}

/**
 * The frame at 1/factor of its size, each pixel the mean of a square of display values; null where its words are too
 * wide for a table.
 * @error window-width-too-small
 */
export function renderSmallGray(
  source: GraySource,
  voi: Voi,
  invert: boolean,
  size: { readonly width: number; readonly height: number },
  factor: number,
): Raster | null {
  return hasDisplayTable(source)
    ? shrinkWords(
        sampleArray(source.pixels, source.BitsAllocated as 8 | 16),
        displayTable(source, voi, invert),
        size,
        factor,
      )
    : null
}

/**
 * The display values, one byte for each pixel, 0 for black.
 * @param invert whether to invert, for MONOCHROME1 and Presentation LUT Shape INVERSE
 * @param allocate where the result may be stored
 * @error window-width-too-small
 */
export function renderGray(
  source: GraySource,
  voi: Voi,
  invert: boolean,
  allocate: Allocate = freshMemory,
): Uint8Array {
  if (!hasDisplayTable(source)) {
    const toDisplayValue = displayFunction(source.modality, voi, invert)
    const samples = wideSamples(source)
    const out = new Uint8Array(samples.length)
    for (let i = 0; i < samples.length; i++) out[i] = Number.isNaN(samples[i]!) ? 0 : toDisplayValue(samples[i]!)
    return out
  }
  const words = sampleArray(source.pixels, source.BitsAllocated as 8 | 16)
  const table = displayTable(source, voi, invert)
  const mask = table.length - 1
  const out = allocate(words.length)
  // Most 8-bit images are shown as they are stored, so the bytes are copied.
  if (words instanceof Uint8Array && table.length === 256 && table.every((shownValue, word) => shownValue === word)) {
    out.set(words)
    return out
  }
  // There are two loops, because the engine makes a loop faster when it sees one type of array only.
  if (words instanceof Uint16Array) for (let i = 0; i < words.length; i++) out[i] = table[words[i]! & mask]!
  else for (let i = 0; i < words.length; i++) out[i] = table[words[i]! & mask]!
  return out
}

/** Returns the function from stored value to display value. */
function displayFunction(modality: Modality, voi: Voi, invert: boolean): (stored: number) => number {
  const toModality = modalityFunction(modality)
  const toDisplay = voiFunction(voi)
  return (stored) => {
    const shade = toDisplay(toModality(stored))
    return Math.round((invert ? 1 - shade : shade) * 255)
  }
}

let lastTable: { readonly key: string; readonly table: Uint8Array } | undefined

/**
 * The display value of every word up to HighBit. The last table is kept, because the images of a series usually share
 * it, and computing it costs more than rendering a frame.
 */
function displayTable({ bits, modality }: GraySource, voi: Voi, invert: boolean): Uint8Array {
  const key =
    modality.kind === 'rescale' && voi.kind !== 'lut'
      ? JSON.stringify([bits.BitsStored, bits.HighBit, bits.PixelRepresentation, modality, voi, invert])
      : ''
  if (lastTable && key !== '' && lastTable.key === key) return lastTable.table
  const toDisplayValue = displayFunction(modality, voi, invert)
  const table = new Uint8Array(2 ** (bits.HighBit + 1))
  for (let word = 0; word < table.length; word++) table[word] = toDisplayValue(storedValue(word, bits))
  lastTable = { key, table }
  return table
}

function hasDisplayTable(source: GraySource): boolean {
  return source.sampleKind === 'integer' && source.BitsAllocated <= 16
}

/** Samples of 32 and 64 bits as numbers. */
function wideSamples(source: GraySource): Float64Array | Float32Array {
  const { pixels, sampleKind, bits } = source
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength)
  if (sampleKind === 'float')
    return Float32Array.from({ length: pixels.length >> 2 }, (_, i) => view.getFloat32(i * 4, true))
  if (sampleKind === 'double')
    return Float64Array.from({ length: pixels.length >> 3 }, (_, i) => view.getFloat64(i * 8, true))
  if (source.BitsAllocated === 64)
    return Float64Array.from({ length: pixels.length >> 3 }, (_, i) =>
      Number(bits.PixelRepresentation === 1 ? view.getBigInt64(i * 8, true) : view.getBigUint64(i * 8, true)),
    )
  return Float64Array.from({ length: pixels.length >> 2 }, (_, i) => storedValue(view.getUint32(i * 4, true), bits))
}
