import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TAG } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import {
  filePreambleAndMeta,
  numberElement,
  sequenceElement,
  writeDataset,
  type WritableElement,
} from '../dicom/write.ts'
import { blackOut, proposeRegions, type PixelLayout, type Region } from './regions.ts'
import { clearUnusedBits } from './unused-bits.ts'

const grey: PixelLayout = {
  Rows: 3,
  Columns: 4,
  NumberOfFrames: 1,
  SamplesPerPixel: 1,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  PlanarConfiguration: 0,
  PhotometricInterpretation: 'MONOCHROME2',
}
const box: Region = { x: 1, y: 1, width: 2, height: 1 }
const bytes16 = (values: number[]): Uint8Array => new Uint8Array(Int16Array.from(values).buffer)

describe('D5: regions are painted, and nothing else', () => {
  it('D5: 8-bit grey becomes the darkest value of the image', () => {
    const pixels = Uint8Array.from([9, 9, 9, 9, 9, 50, 60, 9, 9, 9, 9, 5])
    expect([...blackOut(pixels, grey, [box])]).toEqual([9, 9, 9, 9, 9, 5, 5, 9, 9, 9, 9, 5])
    expect(pixels[5]).toBe(50)
  })
  it('D5: MONOCHROME1 becomes the largest value, which looks black there', () => {
    const pixels = Uint8Array.from([9, 9, 9, 9, 9, 50, 60, 9, 9, 9, 9, 77])
    expect([...blackOut(pixels, { ...grey, PhotometricInterpretation: 'MONOCHROME1' }, [box])]).toEqual([
      9, 9, 9, 9, 9, 77, 77, 9, 9, 9, 9, 77,
    ])
  })
  it('D5: signed 12 of 16 bits', () => {
    const layout = { ...grey, BitsAllocated: 16, BitsStored: 12, HighBit: 11, PixelRepresentation: 1 as const }
    const pixels = bytes16([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -1000, 12])
    expect([...new Int16Array(blackOut(pixels, layout, [box]).buffer)]).toEqual([
      1, 2, 3, 4, 5, -1000, -1000, 8, 9, 10, -1000, 12,
    ])
  })
  it('D5: 32 bits', () => {
    const layout = { ...grey, BitsAllocated: 32, BitsStored: 32, HighBit: 31 }
    const pixels = new Uint8Array(Uint32Array.from([4e9, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).buffer)
    expect([...new Uint32Array(blackOut(pixels, layout, [box]).buffer)]).toEqual([
      4e9, 2, 3, 4, 5, 2, 2, 8, 9, 10, 11, 12,
    ])
  })
  it('D5: RGB by pixel and by plane, in every frame', () => {
    const layout = {
      ...grey,
      Rows: 1,
      Columns: 2,
      NumberOfFrames: 2,
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'RGB',
    }
    const right = [{ x: 1, y: 0, width: 1, height: 1 }]
    expect([...blackOut(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), layout, right)]).toEqual([
      1, 2, 3, 0, 0, 0, 7, 8, 9, 0, 0, 0,
    ])
    expect([
      ...blackOut(
        Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        { ...layout, PlanarConfiguration: 1 },
        right,
      ),
    ]).toEqual([1, 0, 3, 0, 5, 0, 7, 0, 9, 0, 11, 0])
  })
  it('D5: YBR_FULL becomes black, not green', () => {
    const layout = { ...grey, Rows: 1, Columns: 2, SamplesPerPixel: 3, PhotometricInterpretation: 'YBR_FULL' }
    expect([...blackOut(Uint8Array.from([1, 2, 3, 4, 5, 6]), layout, [{ x: 0, y: 0, width: 1, height: 1 }])]).toEqual([
      0, 128, 128, 4, 5, 6,
    ])
  })
  it('D5: pixels that share their colour are painted together', () => {
    const layout = { ...grey, Rows: 1, Columns: 4, SamplesPerPixel: 3, PhotometricInterpretation: 'YBR_FULL_422' }
    // The samples are Y1 Y2 Cb Cr | Y3 Y4 Cb Cr. A region of the fourth pixel includes the third.
    expect([
      ...blackOut(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]), layout, [{ x: 3, y: 0, width: 1, height: 1 }]),
    ]).toEqual([1, 2, 3, 4, 0, 0, 128, 128])
  })
  it('D5: a palette takes its darkest entry', () => {
    const pixels = new Uint8Array(12).fill(1)
    expect(blackOut(pixels, { ...grey, PhotometricInterpretation: 'PALETTE COLOR', paletteBlack: 200 }, [box])[5]).toBe(
      200,
    )
  })
  it('D5: single bits', () => {
    const layout = { ...grey, Rows: 2, Columns: 4, NumberOfFrames: 2, BitsAllocated: 1, BitsStored: 1, HighBit: 0 }
    // Row 1, columns 1 and 2 are bits 5 and 6 of each frame's byte.
    expect([...blackOut(Uint8Array.from([0xff, 0xff]), layout, [box])]).toEqual([0b10011111, 0b10011111])
  })
  it('D5: a region beyond the edge is clipped; data that are too short or unknown are refused', () => {
    expect([...blackOut(new Uint8Array(12).fill(7), grey, [{ x: -5, y: -5, width: 100, height: 6 }])]).toEqual(
      Array.from({ length: 12 }, () => 7),
    )
    expect(() => blackOut(new Uint8Array(11), grey, [box])).toThrow('pixel-data-too-short')
    // Damaged headers: bits that a sample does not have, and half a frame.
    expect(() => blackOut(new Uint8Array(12), { ...grey, HighBit: 65_535 }, [box])).toThrow('unsupported-bits')
    expect(() => blackOut(new Uint8Array(12), { ...grey, NumberOfFrames: 0.5 }, [box])).toThrow('bad-dimensions')
    expect(() => blackOut(new Uint8Array(12), { ...grey, BitsAllocated: 12 }, [box])).toThrow('unsupported-bits')
    expect(() =>
      blackOut(new Uint8Array(36), { ...grey, SamplesPerPixel: 3, PhotometricInterpretation: 'HSV' }, [box]),
    ).toThrow('unsupported-photometric')
    expect(() => blackOut(new Uint8Array(12), { ...grey, Rows: 0 }, [box])).toThrow('bad-dimensions')
  })
  it('D5: whatever the size and the region, bytes outside are identical and bytes inside are all one value', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(8 as const, 16 as const),
        fc.record({
          x: fc.integer({ min: -3, max: 14 }),
          y: fc.integer({ min: -3, max: 14 }),
          width: fc.integer({ min: 0, max: 14 }),
          height: fc.integer({ min: 0, max: 14 }),
        }),
        fc.integer(),
        (Rows, Columns, NumberOfFrames, BitsAllocated, region, seed) => {
          const size = BitsAllocated / 8
          const pixels = Uint8Array.from(
            { length: Rows * Columns * NumberOfFrames * size },
            (_, index) => (index * 31 + seed) & 0xff,
          )
          const painted = blackOut(
            pixels,
            {
              ...grey,
              Rows,
              Columns,
              NumberOfFrames,
              BitsAllocated,
              BitsStored: BitsAllocated,
              HighBit: BitsAllocated - 1,
            },
            [region],
          )
          const values = new Set<string>()
          for (let index = 0; index < Rows * Columns * NumberOfFrames; index++) {
            const column = index % Columns
            const row = Math.floor(index / Columns) % Rows
            const inside =
              column >= region.x &&
              column < region.x + region.width &&
              row >= region.y &&
              row < region.y + region.height
            const cell = painted.subarray(index * size, (index + 1) * size).join()
            if (inside) values.add(cell)
            else expect(cell).toBe(pixels.subarray(index * size, (index + 1) * size).join())
          }
          expect(values.size).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})

it('D1: an overlay in bits that hold no pixel is cleared, the sign of signed values is kept', () => {
  const layout = { ...grey, Rows: 1, Columns: 2, BitsAllocated: 16, BitsStored: 10, HighBit: 9 }
  expect([
    ...new Uint16Array(clearUnusedBits(new Uint8Array(Uint16Array.from([0xfc01, 0x03ff]).buffer), layout).buffer),
  ]).toEqual([0x0001, 0x03ff])
  // -1 in 10 bits with an overlay bit above it, which is cleared: the sign is written again.
  expect([
    ...new Int16Array(
      clearUnusedBits(new Uint8Array(Uint16Array.from([0x7fff, 0x8005]).buffer), { ...layout, PixelRepresentation: 1 })
        .buffer,
    ),
  ]).toEqual([-1, 5])
  const whole = new Uint8Array(4)
  expect(clearUnusedBits(whole, { ...layout, BitsStored: 16, HighBit: 15 })).toBe(whole)
})

describe('D5: ultrasound metadata proposes what to black out', () => {
  const image = (...boxes: [number, number, number, number][]): WritableElement[] => [
    numberElement(TAG.Rows, 'US', [100]),
    numberElement(TAG.Columns, 'US', [200]),
    sequenceElement(
      TAG.SequenceOfUltrasoundRegions,
      boxes.map(([x0, y0, x1, y1]) => [
        numberElement(TAG.RegionLocationMinX0, 'UL', [x0]),
        numberElement(TAG.RegionLocationMinY0, 'UL', [y0]),
        numberElement(TAG.RegionLocationMaxX1, 'UL', [x1]),
        numberElement(TAG.RegionLocationMaxY1, 'UL', [y1]),
      ]),
    ),
  ]
  const propose = (elements: WritableElement[]): Region[] => {
    const head = filePreambleAndMeta({
      MediaStorageSOPClassUID: '1.2',
      MediaStorageSOPInstanceUID: '1.2',
      TransferSyntaxUID: '1.2.840.10008.1.2.1',
    })
    return proposeRegions(parseDicom(new Uint8Array(Buffer.concat([head, writeDataset(elements)]))).dataset)
  }
  it('D5: everything around one region (its corners are inside it)', () => {
    expect(propose(image([10, 20, 189, 89]))).toEqual([
      { x: 0, y: 0, width: 200, height: 20 },
      { x: 0, y: 20, width: 10, height: 70 },
      { x: 190, y: 20, width: 10, height: 70 },
      { x: 0, y: 90, width: 200, height: 10 },
    ])
  })
  it('D5: of several images, what lies outside the regions of all; images of another size have no say', () => {
    const read = (elements: WritableElement[]) =>
      parseDicom(
        new Uint8Array(
          Buffer.concat([
            filePreambleAndMeta({
              MediaStorageSOPClassUID: '1.2',
              MediaStorageSOPInstanceUID: '1.2',
              TransferSyntaxUID: '1.2.840.10008.1.2.1',
            }),
            writeDataset(elements),
          ]),
        ),
      ).dataset
    const larger = [numberElement(TAG.Rows, 'US', [300]), ...image([0, 0, 199, 99]).slice(1)]
    expect(proposeRegions(read(image([0, 20, 199, 99])), read(image([0, 10, 199, 89])), read(larger))).toEqual([
      { x: 0, y: 0, width: 200, height: 10 },
    ])
  })
  it('D5: two regions side by side, none at all, and one that covers the image', () => {
    expect(propose(image([0, 0, 89, 99], [110, 0, 199, 99]))).toEqual([{ x: 90, y: 0, width: 20, height: 100 }])
    expect(propose(image())).toEqual([])
    expect(propose(image([0, 0, 199, 99]))).toEqual([])
  })
})
