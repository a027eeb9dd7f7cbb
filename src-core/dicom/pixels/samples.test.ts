import { describe, expect, it } from 'vitest'
import { hsvToRgb, ybrFullToRgb, ybrPartialToRgb } from './color.ts'
import { checkDescription, type PixelDescription } from './description.ts'
import { fragmentsByFrame, startsCodestream, type Fragment } from './frames.ts'
import { modalityRange, renderGray, type GraySource } from './gray.ts'
import { burnOverlay, embeddedPlane } from './overlay.ts'
import { paletteToRgb } from './palette.ts'
import { storedValue } from './stored-value.ts'
import { interleavePlanes, swapBytes, unpackBits, unpackTwelveBits, upsample422 } from './unpack.ts'

describe('unpacking (PS3.5 8)', () => {
  it('bits come least significant first, from any bit on', () => {
    // 0b00000101 = 1 0 1 0 0 0 0 0
    expect([...unpackBits(Uint8Array.of(0b101, 0b1), 0, 9)]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 1])
    expect([...unpackBits(Uint8Array.of(0b101, 0b1), 2, 3)]).toEqual([1, 0, 0])
    expect(() => unpackBits(Uint8Array.of(1), 4, 5)).toThrow('pixel-data-too-short')
  })
  it('two samples of 12 bits share three bytes', () => {
    // 0xABC then 0x123: bytes BC, 3A, 12.
    const bytes = Uint8Array.of(0xbc, 0x3a, 0x12)
    expect([...new Uint16Array(unpackTwelveBits(bytes, 0, 2).buffer)]).toEqual([0xabc, 0x123])
    expect([...new Uint16Array(unpackTwelveBits(bytes, 12, 1).buffer)]).toEqual([0x123])
    expect(() => unpackTwelveBits(bytes, 12, 2)).toThrow('pixel-data-too-short')
  })
  it('words change their byte order', () => {
    expect([...swapBytes(Uint8Array.of(1, 2, 3, 4), 2)]).toEqual([2, 1, 4, 3])
    expect([...swapBytes(Uint8Array.of(1, 2, 3, 4), 4)]).toEqual([4, 3, 2, 1])
  })
  it('planes become pixels, words kept whole', () => {
    expect([...interleavePlanes(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, 3, 1)]).toEqual([1, 3, 5, 2, 4, 6])
    expect([...interleavePlanes(Uint8Array.of(1, 10, 2, 20, 3, 30), 1, 3, 2)]).toEqual([1, 10, 2, 20, 3, 30])
  })
  it('chroma of 4:2:2 belongs to two pixels; an odd column keeps the first', () => {
    expect([...upsample422(Uint8Array.of(1, 2, 8, 9, 3, 0, 6, 7), 1, 3)]).toEqual([1, 8, 9, 2, 8, 9, 3, 6, 7])
  })
})

describe('stored values (PS3.5 8.1.1)', () => {
  it('take BitsStored bits below HighBit and extend the sign', () => {
    // 0xF800 with 12 bits at 11: 0x800 = −2048 signed, 2048 unsigned; at 15: 0xF80 = −128 signed.
    expect(storedValue(0xf800, { BitsStored: 12, HighBit: 11, PixelRepresentation: 1 })).toBe(-2048)
    expect(storedValue(0xf800, { BitsStored: 12, HighBit: 11, PixelRepresentation: 0 })).toBe(2048)
    expect(storedValue(0xf800, { BitsStored: 12, HighBit: 15, PixelRepresentation: 1 })).toBe(-128)
    // 0x7FF0 with 12 bits at 15 is 0x7FF; its low twelve bits would be −16.
    expect(storedValue(0x7ff0, { BitsStored: 12, HighBit: 15, PixelRepresentation: 1 })).toBe(2047)
    expect(storedValue(0xffffffff, { BitsStored: 32, HighBit: 31, PixelRepresentation: 0 })).toBe(4_294_967_295)
    expect(storedValue(0xffffffff, { BitsStored: 32, HighBit: 31, PixelRepresentation: 1 })).toBe(-1)
  })
})

describe('colour (PS3.3 C.7.6.3.1.2)', () => {
  const turned = (turn: (pixels: Uint8Array) => void, ...pixel: number[]): number[] => {
    const pixels = Uint8Array.from(pixel)
    turn(pixels)
    return [...pixels]
  }
  it('YBR_FULL: grey stays, red is Y 76 Cb 85 Cr 255', () => {
    expect(turned(ybrFullToRgb, 100, 128, 128)).toEqual([100, 100, 100])
    // R 76 + 1.402·127 = 254.05; G 76 + 0.344136·43 − 0.714136·127 = 0.10; B 76 − 1.772·43 = −0.2
    expect(turned(ybrFullToRgb, 76, 85, 255)).toEqual([254, 0, 0])
  })
  it('YBR_PARTIAL: Y 16 is black, 235 white', () => {
    expect(turned(ybrPartialToRgb, 16, 128, 128)).toEqual([0, 0, 0])
    expect(turned(ybrPartialToRgb, 235, 128, 128)).toEqual([255, 255, 255])
  })
  it('HSV: without saturation it is the value; hue 0 is red', () => {
    expect(turned(hsvToRgb, 77, 0, 90)).toEqual([90, 90, 90])
    expect(turned(hsvToRgb, 0, 255, 200)).toEqual([200, 0, 0])
  })
  it('a palette of 16-bit entries shows their upper byte', () => {
    const table = (...entries: number[]) => ({ firstValueMapped: 1, bits: 16, entries: Uint16Array.from(entries) })
    const palette = { red: table(0x1200, 0xff00), green: table(0, 0x80ff), blue: table(0x00ff, 0) }
    expect([
      ...paletteToRgb(Uint8Array.of(0, 1, 2, 3), 8, { BitsStored: 8, HighBit: 7, PixelRepresentation: 0 }, palette),
    ]).toEqual([0x12, 0, 0, 0x12, 0, 0, 0xff, 0x80, 0, 0xff, 0x80, 0])
  })
})

describe('grey values', () => {
  const source = (values: number[], changes: Partial<GraySource> = {}): GraySource => ({
    pixels: new Uint8Array(Int16Array.from(values).buffer),
    BitsAllocated: 16,
    sampleKind: 'integer',
    bits: { BitsStored: 16, HighBit: 15, PixelRepresentation: 1 },
    modality: { kind: 'rescale', RescaleSlope: 1, RescaleIntercept: 0 },
    padding: null,
    ...changes,
  })
  it('W4: rescale, then window', () => {
    // 2·x − 1000: 0, 500, 1000 become −1000, 0, 1000. LINEAR_EXACT 0, 2000: 0, 0.5, 1.
    const given = source([0, 500, 1000], { modality: { kind: 'rescale', RescaleSlope: 2, RescaleIntercept: -1000 } })
    expect([
      ...renderGray(
        given,
        { kind: 'window', WindowCenter: 0, WindowWidth: 2000, VOILUTFunction: 'LINEAR_EXACT' },
        false,
      ),
    ]).toEqual([0, 128, 255])
    expect([
      ...renderGray(
        given,
        { kind: 'window', WindowCenter: 0, WindowWidth: 2000, VOILUTFunction: 'LINEAR_EXACT' },
        true,
      ),
    ]).toEqual([255, 128, 0])
  })
  it('W4: padding does not widen the range', () => {
    expect(modalityRange(source([-2000, 5, 9], { padding: { from: -2048, to: -2000 } }))).toEqual({
      minimum: 5,
      maximum: 9,
    })
    expect(modalityRange(source([-2000, 5, 9]))).toEqual({ minimum: -2000, maximum: 9 })
    expect(modalityRange(source([-2000], { padding: { from: -2000, to: -2000 } }))).toEqual({ minimum: 0, maximum: 0 })
  })
  it('a negative slope turns the range round', () => {
    expect(
      modalityRange(source([1, 3], { modality: { kind: 'rescale', RescaleSlope: -2, RescaleIntercept: 0 } })),
    ).toEqual({ minimum: -6, maximum: -2 })
  })
  const bytes = (values: number[], changes: Partial<GraySource> = {}): GraySource =>
    source([], {
      pixels: Uint8Array.from(values),
      BitsAllocated: 8,
      bits: { BitsStored: 8, HighBit: 7, PixelRepresentation: 0 },
      ...changes,
    })
  it('the range of bytes is that of all of them, wherever the smallest and the largest stand', () => {
    for (let at = 0; at < 40; at++) {
      expect(modalityRange(bytes(Array(40).fill(7).with(at, 255)))).toEqual({ minimum: 7, maximum: 255 })
      expect(modalityRange(bytes(Array(40).fill(255).with(at, 0)))).toEqual({ minimum: 0, maximum: 255 })
    }
    expect(modalityRange(bytes(Array(40).fill(0).with(17, 3).with(20, 255), { padding: { from: 0, to: 0 } }))).toEqual({
      minimum: 3,
      maximum: 255,
    })
  })
  it('W4: bytes that show as they are stay apart from what is shown, and others do not', () => {
    const stored = bytes([0, 1, 254, 255])
    const shown = renderGray(stored, { kind: 'range', minimum: 0, maximum: 255 }, false)
    expect([...shown]).toEqual([0, 1, 254, 255])
    shown.fill(9)
    expect([...stored.pixels]).toEqual([0, 1, 254, 255])
    expect([...renderGray(stored, { kind: 'range', minimum: 0, maximum: 255 }, true)]).toEqual([255, 254, 1, 0])
    // Bits above HighBit are not shown: 0x85 is 5 in a range of 0 to 127, and 5 / 127 × 255 = 10.04.
    expect([
      ...renderGray(
        bytes([0x85], { bits: { BitsStored: 7, HighBit: 6, PixelRepresentation: 0 } }),
        { kind: 'range', minimum: 0, maximum: 127 },
        false,
      ),
    ]).toEqual([10])
  })
  it('a mask of one bit spans black to white even when it is set everywhere', () => {
    const given = source([], {
      pixels: Uint8Array.of(1, 1),
      BitsAllocated: 8,
      bits: { BitsStored: 1, HighBit: 0, PixelRepresentation: 0 },
    })
    expect([...renderGray(given, { kind: 'range', ...modalityRange(given) }, false)]).toEqual([255, 255])
  })
  it('float values need no table, and what is not a number is black', () => {
    const given = source([], {
      pixels: new Uint8Array(Float32Array.of(0, 0.5, 1, NaN).buffer),
      BitsAllocated: 32,
      sampleKind: 'float',
    })
    expect(modalityRange(given)).toEqual({ minimum: 0, maximum: 1 })
    expect([...renderGray(given, { kind: 'range', minimum: 0, maximum: 1 }, false)]).toEqual([0, 128, 255, 0])
  })
})

describe('overlays (PS3.3 C.9.2)', () => {
  it('lie where their origin says, cut at the image', () => {
    const pixels = new Uint8Array(6)
    // A 2 × 2 plane of ones has its first pixel above the image: only its second row is visible, at columns 2 and 3.
    burnOverlay(
      pixels,
      2,
      3,
      1,
      { Rows: 2, Columns: 2, origin: { row: 0, column: 2 }, firstBit: 0, data: Uint8Array.of(0b1111) },
      255,
    )
    expect([...pixels]).toEqual([0, 255, 255, 0, 0, 0])
  })
  it('may be a bit of every sample', () => {
    const plane = embeddedPlane(Uint16Array.of(0x1000, 0x0fff, 0xffff), 12, 1, 3)
    expect([...plane.data]).toEqual([0b101])
  })
})

describe('fragments and frames (PS3.5 A.4)', () => {
  const fragments: Fragment[] = [
    { start: 100, length: 10 },
    { start: 118, length: 10 },
    { start: 136, length: 10 },
  ]
  const starts =
    (...at: number[]) =>
    (fragment: Fragment): boolean =>
      at.includes(fragment.start)
  it('one frame takes them all', () => {
    expect(fragmentsByFrame({ fragments, NumberOfFrames: 1, offsetTable: [], extendedOffsets: [] }, starts())).toEqual([
      fragments,
    ])
  })
  it('the offset table says where frames begin, the extended one first', () => {
    expect(
      fragmentsByFrame({ fragments, NumberOfFrames: 2, offsetTable: [0, 18], extendedOffsets: [0, 36] }, starts()),
    ).toEqual([fragments.slice(0, 2), fragments.slice(2)])
    expect(
      fragmentsByFrame({ fragments, NumberOfFrames: 2, offsetTable: [0, 18], extendedOffsets: [] }, starts()),
    ).toEqual([fragments.slice(0, 1), fragments.slice(1)])
  })
  it('W3: a table that points between fragments is not believed: codestreams say where frames begin', () => {
    expect(
      fragmentsByFrame({ fragments, NumberOfFrames: 2, offsetTable: [0, 17], extendedOffsets: [] }, starts(100, 136)),
    ).toEqual([fragments.slice(0, 2), fragments.slice(2)])
  })
  it('codestreams are known by their first bytes', () => {
    const opens = (...bytes: number[]): boolean => startsCodestream(Uint8Array.from(bytes))
    expect([
      opens(0xff, 0xd8, 0xff, 0xe0),
      opens(0xff, 0x4f, 0xff, 0x51),
      opens(0xff, 0x0a),
      opens(0xff, 0x00, 1),
      opens(0xff, 0xd8, 0),
      opens(),
    ]).toEqual([true, true, true, false, false, false])
  })
})

describe('declared sizes', () => {
  const usual: PixelDescription = {
    Rows: 4,
    Columns: 4,
    NumberOfFrames: 1,
    SamplesPerPixel: 1,
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    PlanarConfiguration: 0,
    PhotometricInterpretation: 'MONOCHROME2',
    sampleKind: 'integer',
  }
  it.each<[string, Partial<PixelDescription>, string]>([
    ['no rows', { Rows: 0 }, 'bad-dimensions'],
    ['no frames', { NumberOfFrames: 0 }, 'bad-dimensions'],
    ['a frame of four billion pixels', { Rows: 65_535, Columns: 65_535 }, 'bad-dimensions'],
    ['four samples', { SamplesPerPixel: 4 }, 'unsupported-photometric'],
    ['24 bits', { BitsAllocated: 24 }, 'unsupported-bits'],
    ['more bits stored than there are', { BitsStored: 17 }, 'unsupported-bits'],
    ['a high bit below the stored ones', { HighBit: 10 }, 'unsupported-bits'],
  ])('W3: %s is refused before anything is allocated', (_title, changes, code) => {
    expect(() => checkDescription(usual)).not.toThrow()
    expect(() => checkDescription({ ...usual, ...changes })).toThrow(code)
  })
})
