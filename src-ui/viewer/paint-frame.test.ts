import { describe, expect, it } from 'vitest'
import { fullWindow, paintFrame, rangeOf, samplesOf, type StoredFrame } from './paint-frame.ts'
import { paletteOf } from './palette.ts'

const frame = (over: Partial<StoredFrame>): StoredFrame => {
  const samples = over.samples ?? new Uint8Array([0, 255])
  return {
    Rows: 1,
    Columns: 2,
    samples,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    RescaleSlope: 1,
    RescaleIntercept: 0,
    PresentationLUTShape: '',
    modalityTable: null,
    palette: null,
    overlayMask: null,
    range: rangeOf(samples),
    ...over,
  }
}
const painted = (stored: StoredFrame, inverted = false) => {
  const target = new Uint8ClampedArray(stored.Rows * stored.Columns * 4)
  paintFrame(stored, { window: fullWindow(stored), inverted }, target)
  return [...target]
}

describe('W4: a frame on the canvas', () => {
  it('shows the whole range when no window is known', () => {
    // Stored 10 and 30, slope 2, intercept −100: −80 and −40. Width 41, center −59.5: black at −80,
    // white at −40.
    const stored = frame({ samples: new Uint16Array([10, 30]), RescaleSlope: 2, RescaleIntercept: -100 })
    expect(fullWindow(stored)).toEqual({ center: -59.5, width: 41, function: 'LINEAR' })
    expect(painted(stored)).toEqual([0, 0, 0, 255, 255, 255, 255, 255])
  })
  it('MONOCHROME1 is bright where values are small, and inverting undoes it', () => {
    expect(painted(frame({ PhotometricInterpretation: 'MONOCHROME1' }))).toEqual([255, 255, 255, 255, 0, 0, 0, 255])
    expect(painted(frame({ PhotometricInterpretation: 'MONOCHROME1' }), true)).toEqual([
      0, 0, 0, 255, 255, 255, 255, 255,
    ])
  })
  it('a presentation shape of INVERSE darkens what is large, whatever the photometric interpretation', () => {
    expect(painted(frame({ PresentationLUTShape: 'INVERSE' }))).toEqual([255, 255, 255, 255, 0, 0, 0, 255])
    expect(painted(frame({ PresentationLUTShape: 'INVERSE', PhotometricInterpretation: 'MONOCHROME1' }))).toEqual([
      255, 255, 255, 255, 0, 0, 0, 255,
    ])
  })
  it('padding is left out of the range', () =>
    expect(rangeOf(new Int16Array([-2000, 5, 9, -2000]), [-2000, -2000])).toEqual([5, 9]))
  it('RGB keeps its colours', () => {
    const stored = frame({
      samples: new Uint8Array([255, 0, 10, 1, 2, 3]),
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'RGB',
    })
    expect(painted(stored)).toEqual([255, 0, 10, 255, 1, 2, 3, 255])
    expect(painted(stored, true)).toEqual([0, 255, 245, 255, 254, 253, 252, 255])
  })
  it('16-bit RGB shows its upper byte', () => {
    expect(
      painted(
        frame({
          Columns: 1,
          samples: new Uint16Array([0xff00, 0x8012, 0x00ff]),
          SamplesPerPixel: 3,
          PhotometricInterpretation: 'RGB',
        }),
      ),
    ).toEqual([255, 128, 0, 255])
  })
  it('PALETTE COLOR looks entries up, from the first stored value on, and stays within the table', () => {
    const table = (...values: number[]) => new Uint8Array(values.flatMap((value) => [0, value]))
    const palette = paletteOf(
      [
        [2, 5, 16],
        [2, 5, 16],
        [2, 5, 16],
      ],
      [table(10, 20), table(30, 40), table(50, 60)],
    )
    expect(
      painted(
        frame({
          Columns: 4,
          samples: new Uint8Array([0, 5, 6, 200]),
          PhotometricInterpretation: 'PALETTE COLOR',
          palette,
        }),
      ),
    ).toEqual([10, 30, 50, 255, 10, 30, 50, 255, 20, 40, 60, 255, 20, 40, 60, 255])
  })
  it('32-bit values are shown without a table', () => {
    expect(painted(frame({ samples: new Uint32Array([0, 4_000_000_000]) }))).toEqual([0, 0, 0, 255, 255, 255, 255, 255])
  })
  it('refuses what it would show in wrong colours', () => {
    expect(() =>
      painted(frame({ samples: new Uint8Array(6), SamplesPerPixel: 3, PhotometricInterpretation: 'YBR_FULL' })),
    ).toThrow('unsupported-photometric')
  })
})

describe('bytes from outside', () => {
  it('too few are refused', () =>
    expect(() =>
      samplesOf(new ArrayBuffer(7), {
        count: 4,
        BitsAllocated: 16,
        BitsStored: 16,
        HighBit: 15,
        PixelRepresentation: 0,
      }),
    ).toThrow('pixel-data-too-short'))
  it('signed 16 bits are read little endian', () =>
    expect([
      ...samplesOf(new Uint8Array([0xff, 0xff, 0x01, 0x80]).buffer, {
        count: 2,
        BitsAllocated: 16,
        BitsStored: 16,
        HighBit: 15,
        PixelRepresentation: 1,
      }),
    ]).toEqual([-1, -32_767]))
  // 0xF7FF: without its upper four bits 0x7FF = 2047. 0x0800: the sign bit of twelve, −2048.
  it('bits above the stored ones are dropped and the sign is extended', () =>
    expect([
      ...samplesOf(new Uint8Array([0xff, 0xf7, 0x00, 0x08]).buffer, {
        count: 2,
        BitsAllocated: 16,
        BitsStored: 12,
        HighBit: 11,
        PixelRepresentation: 1,
      }),
    ]).toEqual([2047, -2048]))
  it('a palette shorter than it says is none', () =>
    expect(
      paletteOf(
        [
          [4, 0, 16],
          [4, 0, 16],
          [4, 0, 16],
        ],
        [new Uint8Array(6), new Uint8Array(8), new Uint8Array(8)],
      ),
    ).toBeNull())
})
