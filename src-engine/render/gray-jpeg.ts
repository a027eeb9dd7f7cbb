/**
 * Grey pictures as baseline JPEG (ISO 10918-1): at the sizes of thumbnails, calling an image library costs more than
 * the work that it is called for.
 */
import type { Raster } from '../../src-core/dicom/pixels/raster.ts'
import { forwardDct, scaleFactors } from './forward-dct.ts'
import { JpegBits } from './jpeg-bits.ts'
import { AC_TABLE, DC_TABLE, quantisation, ZIGZAG } from './jpeg-tables.ts'

/** A picture as blocks of 8 × 8, its last column and row repeated to whole ones (A.2.4). */
export interface GrayBlocks {
  /** Of the picture. */
  readonly width: number
  readonly height: number
  /** Of all blocks. */
  readonly across: number
  readonly down: number
  readonly data: Uint8Array
  /** By block, row by row: 1 where all samples are the same, as in the air around a patient. */
  readonly flat: Uint8Array
  readonly roughBlocks: number
}

export function grayBlocks(raster: Raster): GrayBlocks {
  const { width, height } = raster
  const [across, down] = [(width + 7) & ~7, (height + 7) & ~7]
  const data = across === width && down === height ? raster.data : padded(raster, across, down)
  const flat = new Uint8Array((across >> 3) * (down >> 3))
  let roughBlocks = 0
  for (let y = 0, index = 0; y < down; y += 8) {
    for (let x = 0; x < across; x += 8, index++) {
      if (isFlat(data, y * across + x, across)) flat[index] = 1
      else roughBlocks++
    }
  }
  return { width, height, across, down, data, flat, roughBlocks }
}

/** @param quality 1 to 100 */
export function encodeGrayJpeg(blocks: GrayBlocks, quality: number): Uint8Array {
  const steps = quantisation(quality)
  const { width, height } = blocks
  return Buffer.concat([
    START,
    segment(0xdb, [0, ...Array.from(ZIGZAG, (position) => steps[position]!)]),
    segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]),
    TABLES,
    scan(blocks, scaleFactors(steps)),
    END,
  ])
}

function segment(marker: number, content: readonly number[]): Uint8Array {
  const length = content.length + 2
  return Uint8Array.of(0xff, marker, length >> 8, length & 255, ...content)
}

/** SOI, and JFIF 1.1 without a density. */
const START = Buffer.concat([
  Uint8Array.of(0xff, 0xd8),
  segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
])
/** The Huffman tables, and the head of the only scan. */
const TABLES = Buffer.concat([
  segment(0xc4, [0x00, ...DC_TABLE.counts, ...DC_TABLE.symbols, 0x10, ...AC_TABLE.counts, ...AC_TABLE.symbols]),
  segment(0xda, [1, 1, 0x00, 0, 63, 0]),
])
const END = Uint8Array.of(0xff, 0xd9)

function padded({ width, height, data }: Raster, across: number, down: number): Uint8Array {
  const out = new Uint8Array(across * down)
  for (let y = 0; y < down; y++) {
    const from = Math.min(y, height - 1) * width
    out.set(data.subarray(from, from + width), y * across)
    out.fill(data[from + width - 1]!, y * across + width, (y + 1) * across)
  }
  return out
}

/** What the scan of one picture writes, kept for the next one. */
const written = new JpegBits()
/** Codes of one block: a number in 64 places, and three runs of sixteen zeros at most. */
const codes = new Int32Array(67)
const lengths = new Uint8Array(67)
const block = new Float64Array(64)
/** Half a block's coefficients once quantised. */
const half = new Int32Array(32)

/** The entropy-coded blocks (F.1.2). */
function scan({ across, down, data, flat }: GrayBlocks, scales: Float64Array): Uint8Array {
  const factors = new Float64Array(64)
  for (let k = 0; k < 64; k++) factors[k] = scales[ZIGZAG[k]!]!
  let previous = 0
  for (let y = 0, index = 0; y < down; y += 8) {
    for (let start = y * across; start < y * across + across; start += 8, index++) {
      if (flat[index] === 1) block[0] = data[start]! * 64
      else forwardDct(data, start, across, block)
      const dc = quantised(block[0]! - 128 * 64, factors[0]!)
      putNumber(dc - previous, 0, 0, DC_TABLE.codes, codes, lengths)
      written.put(codes, lengths, flat[index] === 1 ? putEnd(1) : putCoefficients(factors))
      previous = dc
    }
  }
  return written.take()
}

/** The codes of the coefficients after the first (F.1.2.2). @returns how many codes the block has */
function putCoefficients(factors: Float64Array): number {
  // What a function holds itself is quicker than what its module does.
  const [coefficients, order, table, out, outLengths, numbers] = [block, ZIGZAG, AC_TABLE.codes, codes, lengths, half]
  let count = 1
  let last = 0
  for (let start = 0; start < 64; start += 32) {
    // Which are not zero, the first one at bit 31: in noise nobody can foretell it, and so it is not asked one by one.
    let present = 0
    for (let i = 0; i < 32; i++) {
      const value = quantised(coefficients[order[start + i]!]!, factors[start + i]!)
      numbers[i] = value
      present |= ((value | -value) & (1 << 31)) >>> i
    }
    if (start === 0) present &= ~(1 << 31)
    while (present !== 0) {
      const i = Math.clz32(present)
      present ^= (1 << 31) >>> i
      let zeros = start + i - last - 1
      for (; zeros > 15; zeros -= 16) {
        out[count] = table[0xf0]! >> 5
        outLengths[count++] = table[0xf0]! & 31
      }
      putNumber(numbers[i]!, zeros, count++, table, out, outLengths)
      last = start + i
    }
  }
  return last === 63 ? count : putEnd(count)
}

/** Nothing but zeros follows. */
function putEnd(index: number): number {
  codes[index] = AC_TABLE.codes[0]! >> 5
  lengths[index] = AC_TABLE.codes[0]! & 31
  return index + 1
}

/** A number's size in Huffman code, and its bits: of a negative one those of the number below it (F.1.2.1.1). */
function putNumber(
  value: number,
  zeros: number,
  index: number,
  table: Int32Array,
  out: Int32Array,
  outLengths: Uint8Array,
): void {
  const sign = value >> 31
  const size = 32 - Math.clz32((value ^ sign) - sign)
  const code = table[(zeros << 4) | size]!
  out[index] = ((code >> 5) << size) | ((value + sign) & ((1 << size) - 1))
  outLengths[index] = (code & 31) + size
}

/** To the nearest whole number: the sum is positive, so that cutting it rounds down. */
function quantised(coefficient: number, factor: number): number {
  return ((coefficient * factor + 32_768.5) | 0) - 32_768
}

/** Whether all samples of a block are the same. */
function isFlat(samples: Uint8Array, start: number, stride: number): boolean {
  const value = samples[start]!
  for (let row = 0, at = start; row < 8; row++, at += stride) {
    for (let i = at; i < at + 8; i++) if (samples[i] !== value) return false
  }
  return true
}
