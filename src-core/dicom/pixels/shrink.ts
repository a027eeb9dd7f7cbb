/**
 * Shrinks pictures by whole factors, where each pixel is the mean of a square. It costs little and leaves little work
 * for a fine resampling.
 */
import type { Raster } from './raster-type.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/**
 * The largest whole factor by which a picture can be divided and still be at least as large as the target; 1 when it is
 * less than twice as large.
 */
export function wholeFactor(size: Size, target: Size): number {
  return Math.max(1, Math.floor(Math.min(size.width / target.width, size.height / target.height)))
}

/**
 * The picture at 1/wholeFactor of its size; the same one when the factor is 1. Rows and columns after the last complete
 * square are left out, so the result must be stretched by less than one square.
 */
export function shrinkTowards(raster: Raster, target: Size): Raster {
  const factor = wholeFactor(raster, target)
  if (factor === 1) return raster
  const { channels, data, width: stride } = raster
  const width = Math.floor(raster.width / factor)
  const height = Math.floor(raster.height / factor)
  const row = width * channels
  const out = new Uint8Array(row * height)
  const sums = new Uint32Array(row)
  for (let y = 0; y < height; y++) {
    sums.fill(0)
    for (let inner = 0; inner < factor; inner++) {
      const line = (y * factor + inner) * stride * channels
      for (let channel = 0; channel < channels; channel++) {
        let from = line + channel
        for (let x = channel; x < row; x += channels) {
          let sum = 0
          for (let k = 0; k < factor; k++, from += channels) sum += data[from]!
          sums[x]! += sum
        }
      }
    }
    writeMeans(sums, factor, out, y * row)
  }
  return { width, height, channels, data: out }
}

/**
 * Converts words to display values by a table and shrinks them like shrinkTowards, in one pass.
 * @param table its length is a power of two; higher bits of a word are ignored
 */
export function shrinkWords(
  words: Uint8Array | Uint16Array | Uint32Array,
  table: Uint8Array,
  size: Size,
  factor: number,
): Raster {
  const width = Math.floor(size.width / factor)
  const height = Math.floor(size.height / factor)
  const canReadPairs =
    factor === 2 && words instanceof Uint16Array && size.width % 2 === 0 && words.byteOffset % 4 === 0
  const data = canReadPairs
    ? halvePairs(new Uint32Array(words.buffer, words.byteOffset, words.length >> 1), table, width, height)
    : squareMeans(words, table, size.width, factor, width, height)
  return { width, height, channels: 1, data }
}

/**
 * Halves a picture of 16-bit words, reading two words at once. Most thumbnails of CT and MR are made in this way.
 * @param pairs pairs of neighbouring words, `width` of them in a row
 */
function halvePairs(pairs: Uint32Array, table: Uint8Array, width: number, height: number): Uint8Array {
  const mask = table.length - 1
  const out = new Uint8Array(width * height)
  for (let y = 0, to = 0; y < height; y++) {
    let above = 2 * y * width
    let below = above + width
    for (const end = to + width; to < end; to++, above++, below++) {
      const upper = pairs[above]!
      const lower = pairs[below]!
      out[to] =
        (table[upper & mask]! +
          table[(upper >>> 16) & mask]! +
          table[lower & mask]! +
          table[(lower >>> 16) & mask]! +
          2) >>
        2
    }
  }
  return out
}

function squareMeans(
  words: Uint8Array | Uint16Array | Uint32Array,
  table: Uint8Array,
  stride: number,
  factor: number,
  width: number,
  height: number,
): Uint8Array {
  const mask = table.length - 1
  const out = new Uint8Array(width * height)
  const sums = new Uint32Array(width)
  for (let y = 0; y < height; y++) {
    sums.fill(0)
    for (let inner = 0; inner < factor; inner++) {
      let from = (y * factor + inner) * stride
      for (let x = 0; x < width; x++) {
        let sum = 0
        for (const end = from + factor; from < end; from++) sum += table[words[from]! & mask]!
        sums[x]! += sum
      }
    }
    writeMeans(sums, factor, out, y * width)
  }
  return out
}

/** Writes the means of squares, rounded to the nearest whole number. */
function writeMeans(sums: Uint32Array, factor: number, out: Uint8Array, at: number): void {
  const count = factor * factor
  const half = count >> 1
  for (let x = 0; x < sums.length; x++) out[at + x] = (sums[x]! + half) / count
}
