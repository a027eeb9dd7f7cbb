import { describe, expect, it } from 'vitest'
import { imageAttributes, part10, words } from '../decode/part10.fixture.ts'
import { openInstance } from '../decode/instance.ts'
import { encodeRle } from './rle.ts'
import { paintFrame } from './paint-frame.ts'

const RLE = '1.2.840.10008.1.2.5'
const left = [{ x: 0, y: 0, width: 1, height: 1 }]
const cells = (bytes: Uint8Array): number[] => [...new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)]

describe('D5: a compressed frame is painted where it is decoded', () => {
  it('D5: only inside the regions, and it can leave uncompressed', async () => {
    const frames = [words(500, 600, 700, 80), words(9, 8, 7, 6)].map((pixels) => encodeRle(pixels, 2, 2, 1, 2))
    const instance = openInstance({ bytes: part10(RLE, imageAttributes(2, 2, frames, [[0x00280008, 'IS', '2']])) })
    const native = await paintFrame(instance, { frame: 2, regions: left, compress: false })
    expect(native).toMatchObject({
      TransferSyntaxUID: null,
      BitsAllocated: 16,
      HighBit: 15,
      PhotometricInterpretation: 'MONOCHROME2',
    })
    expect(cells(native.bytes)).toEqual([6, 8, 7, 6])
    const { TransferSyntaxUID, bytes } = await paintFrame(instance, { frame: 1, regions: left, compress: true })
    expect(TransferSyntaxUID).toBe(RLE)
    expect([...bytes]).toEqual([...encodeRle(words(80, 600, 700, 80), 2, 2, 1, 2)])
  })
  it('D5: overlays in unused bits go with the pixels', async () => {
    // 12 bits are stored; bit 15 of the second pixel belongs to an overlay.
    const changes = [
      [0x00280101, 'US', 12],
      [0x00280102, 'US', 11],
      [0x60000102, 'US', 15],
    ] as const
    const instance = openInstance({
      bytes: part10(RLE, imageAttributes(1, 2, [encodeRle(words(5, 0x8007), 1, 2, 1, 2)], changes)),
    })
    expect(cells((await paintFrame(instance, { frame: 1, regions: left, compress: false })).bytes)).toEqual([5, 7])
  })
  it('D5: of a palette the darkest entry is black, and bits keep their place', async () => {
    const tables = [0x00281201, 0x00281202, 0x00281203].map((tag) => [tag, 'OW', words(900, 100, 500)] as const)
    const descriptors = [0x00281101, 0x00281102, 0x00281103].map((tag) => [tag, 'US', words(3, 0, 16)] as const)
    const palette = openInstance({
      bytes: part10(
        RLE,
        imageAttributes(
          1,
          2,
          [encodeRle(words(2, 2), 1, 2, 1, 2)],
          [[0x00280004, 'CS', 'PALETTE COLOR'], ...descriptors, ...tables],
        ),
      ),
    })
    expect(cells((await paintFrame(palette, { frame: 1, regions: left, compress: false })).bytes)).toEqual([1, 2])
    const high = openInstance({
      bytes: part10(
        RLE,
        imageAttributes(
          1,
          2,
          [encodeRle(words(0x50, 0x30), 1, 2, 1, 2)],
          [
            [0x00280101, 'US', 12],
            [0x00280102, 'US', 15],
          ],
        ),
      ),
    })
    const painted = await paintFrame(high, { frame: 1, regions: left, compress: true })
    expect([painted.HighBit, painted.BitsStored, painted.TransferSyntaxUID]).toEqual([15, 12, RLE])
  })
})
