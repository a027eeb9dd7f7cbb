/** Pictures as PNG (ISO 15948): one filter for all rows and the quickest deflate that still gains, since noise leaves a thorough one little to find. */
import { constants, crc32, deflateSync } from 'node:zlib'
import { freshMemory, type Allocate } from '../../src-core/dicom/pixels/memory.ts'
import type { Raster } from '../../src-core/dicom/pixels/raster.ts'

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
/** Each byte less the one above it (9.2). */
const UP = 2
const NONE = 0
const COLOUR_TYPE = { 1: 0, 3: 2 } as const

/** 8 bits per sample, grey or RGB. @param allocate where it may work */
export function encodePng({ width, height, channels, data }: Raster, allocate = freshMemory): Uint8Array {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, COLOUR_TYPE[channels]], 8)
  // Runs and Huffman codes alone: on filtered images of patients smaller than with matches, and in half the time.
  const packed = deflateSync(filtered(data, width * channels, height, allocate), { level: 1, strategy: constants.Z_RLE, memLevel: 9 })
  return Buffer.concat([SIGNATURE, ...chunk('IHDR', header), ...chunk('IDAT', packed), ...chunk('IEND', new Uint8Array())])
}

function filtered(data: Uint8Array, stride: number, height: number, allocate: Allocate): Uint8Array {
  const out = allocate((stride + 1) * height)
  out[0] = NONE
  out.set(data.subarray(0, stride), 1)
  for (let y = 1, from = stride, to = stride + 1; y < height; y++) {
    out[to++] = UP
    for (const end = from + stride; from < end; from++) out[to++] = data[from]! - data[from - stride]!
  }
  return out
}

function chunk(type: string, data: Uint8Array): [Buffer, Uint8Array, Buffer] {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length)
  head.write(type, 4, 'latin1')
  const tail = Buffer.alloc(4)
  tail.writeUInt32BE(crc32(data, crc32(head.subarray(4))))
  return [head, data, tail]
}
