/**
 * Encodes pictures as PNG (ISO 15948), with one filter for all rows and the fastest deflate setting that still
 * compresses, because noise leaves little for a thorough setting.
 */
import { constants, crc32, deflateSync } from 'node:zlib'
import { freshMemory, type Allocate } from '../../src-core/dicom/pixels/memory.ts'
import type { Raster } from '../../src-core/dicom/pixels/raster-type.ts'

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
/** The filter type Up: each byte minus the one above it (9.2). */
const FILTER_UP = 2
const UPPER_BITS = 0x80808080 | 0
const COLOUR_TYPE = { 1: 0, 3: 2 } as const

/**
 * Encodes a picture of 8 bits per sample, grey or RGB.
 * @param allocate memory for intermediate data
 */
export function encodePng({ width, height, channels, data }: Raster, allocate = freshMemory): Uint8Array {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, COLOUR_TYPE[channels]], 8)
  // Z_RLE uses runs and Huffman codes only. Filtered medical images become smaller than with string matches, in half
  // the time.
  const packed = deflateSync(filtered(data, width * channels, height, allocate), {
    level: 1,
    strategy: constants.Z_RLE,
    memLevel: 9,
  })
  return Buffer.concat([
    SIGNATURE,
    ...chunk('IHDR', header),
    ...chunk('IDAT', packed),
    ...chunk('IEND', new Uint8Array()),
  ])
}

function filtered(data: Uint8Array, stride: number, height: number, allocate: Allocate): Uint8Array {
  // The rows are filtered at a later position, so that they are in whole words, and are then moved to their place.
  const start = (height + 3) & ~3
  const out = allocate(start + stride * height)
  subtractRowAbove(data, stride, out.subarray(start))
  for (let y = 0, from = start, to = 0; y < height; y++, from += stride, to += stride) {
    out[to++] = FILTER_UP
    out.copyWithin(to, from, from + stride)
  }
  return out.subarray(0, (stride + 1) * height)
}

/**
 * Writes each byte minus the one above it. Zeros are above the first row.
 * @param out as long as data, in whole words
 */
function subtractRowAbove(data: Uint8Array, stride: number, out: Uint8Array): void {
  out.set(data.subarray(0, stride))
  if (stride % 4 !== 0 || data.byteOffset % 4 !== 0) {
    for (let i = stride; i < out.length; i++) out[i] = data[i]! - data[i - stride]!
    return
  }
  const words = new Int32Array(data.buffer, data.byteOffset, out.length >> 2)
  const differences = new Int32Array(out.buffer, out.byteOffset, words.length)
  const row = stride >> 2
  for (let i = row; i < differences.length; i++) {
    const word = words[i]!
    const above = words[i - row]!
    // The upper bit of each byte is set, so that no byte borrows from the next one. That bit then gets its right value.
    differences[i] = ((word | UPPER_BITS) - (above & ~UPPER_BITS)) ^ ((word ^ ~above) & UPPER_BITS)
  }
}

function chunk(type: string, data: Uint8Array): [Buffer, Uint8Array, Buffer] {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length)
  head.write(type, 4, 'latin1')
  const tail = Buffer.alloc(4)
  tail.writeUInt32BE(crc32(data, crc32(head.subarray(4))))
  return [head, data, tail]
}
