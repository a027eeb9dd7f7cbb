/**
 * Walks the entropy-coded data of one JPEG scan without decoding the picture, to find where the data end (ISO 10918-1
 * Annexes F, G and H).
 */
import { unwalkable } from './bytes.ts'
import { HuffmanBits, type HuffmanTable } from './huffman-bits.ts'

export interface JpegComponent {
  readonly id: number
  readonly horizontal: number
  readonly vertical: number
  readonly quantization: number
}

export interface JpegFrame {
  readonly process: 'sequential' | 'progressive' | 'lossless'
  readonly Rows: number
  readonly Columns: number
  readonly components: readonly JpegComponent[]
}

export interface ScanComponent {
  readonly component: JpegComponent
  /** Undefined where the scan needs no table. */
  readonly dc: HuffmanTable | undefined
  readonly ac: HuffmanTable | undefined
}

export interface JpegScan {
  readonly components: readonly ScanComponent[]
  /**
   * First and last coefficient, and the high bit position of the scan before (successive approximation, ISO 10918-1
   * G.1).
   */
  readonly Ss: number
  readonly Se: number
  readonly Ah: number
  /** The distance of restart markers in minimum coded units; 0 when the scan has none. */
  readonly restartInterval: number
}

/** For each component identifier, which coefficients are not zero: 64 bytes for each block. */
export type Coefficients = Map<number, Uint8Array>

type UnitWalker = (bits: HuffmanBits, block: number) => void

/**
 * The data of the scan without the bytes that no decoder reads, which follow the last unit of a restart interval.
 * @param start first byte after the scan's header
 * @param coefficients of a progressive frame: those that earlier scans have coded; this scan adds its own
 * @returns pieces of data, and where the walk ended
 * @error cannot-deidentify where a code is invalid or data are missing
 */
export function walkScan(
  bytes: Uint8Array,
  start: number,
  frame: JpegFrame,
  scan: JpegScan,
  coefficients: Coefficients,
): { readonly pieces: readonly Uint8Array[]; readonly end: number } {
  const { units, count } = unitsOf(frame, scan, coefficients)
  const interval = scan.restartInterval || count
  const pieces: Uint8Array[] = []
  let at = start
  for (let first = 0, restart = 0; first < count; first += interval, restart = (restart + 1) & 7) {
    if (first > 0) at = restartMarker(bytes, at, restart, pieces)
    const bits = new HuffmanBits(bytes, at)
    units.begin()
    for (let unit = first; unit < Math.min(count, first + interval); unit++) units.walk(bits, unit)
    const { end, padding } = bits.end()
    pieces.push(...padded(bytes, at, end, padding))
    at = end
  }
  return { pieces, end: at }
}

/** Reads the expected restart marker. Bytes before it were not read by any decoder, so they are dropped. */
function restartMarker(bytes: Uint8Array, from: number, number: number, pieces: Uint8Array[]): number {
  const at = nextMarker(bytes, from)
  const expected = 0xd0 + ((number + 7) & 7)
  if (bytes[at + 1] !== expected) throw unwalkable('jpeg restart')
  pieces.push(bytes.subarray(at, at + 2))
  return at + 2
}

/** The position of the next marker. A stuffed zero or a fill byte after 0xff is not one. */
export function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1))
    if (bytes[at + 1] !== 0 && bytes[at + 1] !== 0xff) return at
  return bytes.length
}

/** The data with ones in the unused bits of the last byte, as encoders write them (F.1.2.3). */
function padded(bytes: Uint8Array, start: number, end: number, padding: number): Uint8Array[] {
  if (padding === 0) return [bytes.subarray(start, end)]
  const stuffed = bytes[end - 1] === 0 && bytes[end - 2] === 0xff
  const last = end - (stuffed ? 2 : 1)
  const filled = bytes[last]! | ((1 << padding) - 1)
  if (filled === bytes[last]) return [bytes.subarray(start, end)]
  return [bytes.subarray(start, last), filled === 0xff ? Uint8Array.of(0xff, 0) : Uint8Array.of(filled)]
}

interface UnitsWalker {
  /** Starts a restart interval. */
  begin(): void
  walk(bits: HuffmanBits, unit: number): void
}

/** The number of minimum coded units, and how each is walked (ISO 10918-1 A.2). */
function unitsOf(frame: JpegFrame, scan: JpegScan, coefficients: Coefficients): { units: UnitsWalker; count: number } {
  const size = frame.process === 'lossless' ? 1 : 8
  const maxSampling = (axis: 'horizontal' | 'vertical'): number =>
    Math.max(...frame.components.map((component) => component[axis]))
  const [horizontal, vertical] = [maxSampling('horizontal'), maxSampling('vertical')]
  const blocksAcross = (component: JpegComponent): number =>
    Math.ceil(Math.ceil((frame.Columns * component.horizontal) / horizontal) / size)
  const blocksDown = (component: JpegComponent): number =>
    Math.ceil(Math.ceil((frame.Rows * component.vertical) / vertical) / size)
  const [onlyComponent] = scan.components
  if (scan.components.length === 1) {
    const { component } = onlyComponent!
    const count = blocksAcross(component) * blocksDown(component)
    if (frame.process === 'progressive' && scan.Ss > 0)
      return { units: acWalkers(onlyComponent!, scan, nonzero(coefficients, component, count)), count }
    return { units: { begin: () => {}, walk: unitWalker(frame, scan, onlyComponent!) }, count }
  }
  const blocks = scan.components.flatMap((scanComponent) =>
    Array.from({ length: scanComponent.component.horizontal * scanComponent.component.vertical }, () =>
      unitWalker(frame, scan, scanComponent),
    ),
  )
  return {
    units: {
      begin: () => {},
      walk: (bits, unit) => {
        for (const block of blocks) block(bits, unit)
      },
    },
    count: Math.ceil(frame.Columns / (size * horizontal)) * Math.ceil(frame.Rows / (size * vertical)),
  }
}

function requiredTable(table: HuffmanTable | undefined): HuffmanTable {
  if (!table) throw unwalkable('jpeg table')
  return table
}

/** Returns the function that walks one block of 8 × 8 samples, or one sample of a lossless frame. */
function unitWalker(frame: JpegFrame, { Ss, Ah }: JpegScan, { dc, ac }: ScanComponent): UnitWalker {
  if (frame.process === 'progressive') {
    if (Ss > 0) throw unwalkable('jpeg scan')
    return Ah > 0 ? (bits) => void bits.read(1) : dcWalker(requiredTable(dc))
  }
  if (frame.process === 'lossless') return dcWalker(requiredTable(dc))
  const [first, others] = [dcWalker(requiredTable(dc)), requiredTable(ac)]
  return (bits, block) => {
    first(bits, block)
    for (let k = 1; k < 64; k++) {
      const symbol = bits.symbol(others)
      const size = symbol & 15
      if (size === 0 && symbol !== 0xf0) break
      k += symbol >> 4
      bits.read(size)
    }
  }
}

/**
 * Walks a difference: the code of its size, then as many bits. A size of 16 has one value only, and no bits follow
 * (H.1.2.2).
 */
function dcWalker(table: HuffmanTable): UnitWalker {
  return (bits) => {
    const size = bits.symbol(table)
    if (size > 16) throw unwalkable('jpeg code')
    if (size < 16) bits.read(size)
  }
}

function nonzero(coefficients: Coefficients, { id }: JpegComponent, blocks: number): Uint8Array {
  const existing = coefficients.get(id)
  if (existing) return existing
  const created = new Uint8Array(blocks * 64)
  coefficients.set(id, created)
  return created
}

/**
 * Walks all coefficients except the first in a progressive frame, which are coded for the first time or refined
 * (G.1.2.2, G.1.2.3).
 */
function acWalkers({ ac }: ScanComponent, { Ss, Se, Ah }: JpegScan, nonzeroCoefficients: Uint8Array): UnitsWalker {
  const table = requiredTable(ac)
  /** The number of following blocks that have no more coefficients in this scan. */
  let endOfBand = 0
  const endOfBandRun = (bits: HuffmanBits, exponent: number): void => {
    endOfBand = (1 << exponent) + bits.read(exponent)
  }
  const first: UnitWalker = (bits, block) => {
    for (let k = Ss; endOfBand === 0 && k <= Se; k++) {
      const symbol = bits.symbol(table)
      const [zeros, size] = [symbol >> 4, symbol & 15]
      if (size === 0 && zeros < 15) {
        endOfBandRun(bits, zeros)
        break
      }
      k += zeros
      bits.read(size)
      if (size > 0 && k < 64) nonzeroCoefficients[block * 64 + k] = 1
    }
    if (endOfBand > 0) endOfBand--
  }
  const refine: UnitWalker = (bits, block) => {
    const base = block * 64
    let k = Ss
    while (endOfBand === 0 && k <= Se) {
      const symbol = bits.symbol(table)
      let zeros = symbol >> 4
      const size = symbol & 15
      if (size === 0 && zeros < 15) {
        endOfBandRun(bits, zeros)
        break
      }
      if (size > 0) bits.read(1)
      for (; k <= Se; k++) {
        if (nonzeroCoefficients[base + k] === 1) bits.read(1)
        else if (zeros-- === 0) break
      }
      if (size > 0 && k <= Se) nonzeroCoefficients[base + k] = 1
      k++
    }
    if (endOfBand === 0) return
    for (; k <= Se; k++) if (nonzeroCoefficients[base + k] === 1) bits.read(1)
    endOfBand--
  }
  return {
    begin: () => {
      endOfBand = 0
    },
    walk: Ah > 0 ? refine : first,
  }
}
