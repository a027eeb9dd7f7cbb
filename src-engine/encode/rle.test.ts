import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRle } from '../decode/rle.ts'
import { encodeRle } from './rle.ts'

const segment = (bytes: Uint8Array): number[] => [...bytes.subarray(64)]

describe('D5: painted RLE images are coded again (PS3.5 Annex G)', () => {
  it('D5: a run is a count and a byte, a stretch a count and its bytes', () => {
    // 1 1 1 is a run: 257 − 3 = 254, 1. Then 2 3 is a literal run: 2 − 1 = 1, 2, 3. These are five bytes, and one
    // that makes the length even.
    expect(segment(encodeRle(Uint8Array.of(1, 1, 1, 2, 3), 1, 5, 1, 1))).toEqual([254, 1, 1, 2, 3, 0])
  })
  it('D5: no run crosses the end of a row', () => {
    // 7 7 | 7 7 are two runs of two, 257 − 2 = 255.
    expect(segment(encodeRle(Uint8Array.of(7, 7, 7, 7), 2, 2, 1, 1))).toEqual([255, 7, 255, 7])
  })
  it('D5: runs and stretches of more than 128 are divided', () => {
    // Runs of 128 and 2 equal bytes: 257 − 128 = 129; 257 − 2 = 255.
    expect(segment(encodeRle(new Uint8Array(130).fill(9), 1, 130, 1, 1))).toEqual([129, 9, 255, 9])
    const different = Uint8Array.from({ length: 129 }, (_, index) => index)
    expect(segment(encodeRle(different, 1, 129, 1, 1))).toEqual([127, ...different.subarray(0, 128), 0, 128, 0])
  })
  it('D5: a segment for each byte of each sample, the most significant first, and where each begins', () => {
    // Two pixels of 16 bits, 0x0102 and 0x0104: high bytes 1 1 (a run), low bytes 2 4 (a literal run and its padding
    // byte).
    const bytes = encodeRle(Uint8Array.of(2, 1, 4, 1), 1, 2, 1, 2)
    const header = new DataView(bytes.buffer)
    expect([0, 1, 2, 3].map((field) => header.getUint32(field * 4, true))).toEqual([2, 64, 66, 0])
    expect(segment(bytes)).toEqual([255, 1, 1, 2, 4, 0])
  })
  it('D5: what is coded is read back, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom([1, 1], [1, 2], [3, 1], [3, 2], [1, 4]),
        fc.integer({ min: 1, max: 255 }),
        fc.infiniteStream(fc.nat()),
        (rows, columns, [samples, size], values, stream) => {
          const pixels = Uint8Array.from(
            { length: rows * columns * samples! * size! },
            () => stream.next().value! % values,
          )
          expect(
            Buffer.compare(
              decodeRle(encodeRle(pixels, rows, columns, samples!, size!), rows * columns, samples!, size!),
              pixels,
            ),
          ).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })
})
