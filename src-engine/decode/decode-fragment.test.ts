import { deflateRawSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { PixelDescription } from '../../src-core/dicom/pixels/description.ts'
import { readCodestreamHeader } from './codestream-header.ts'
import { decodeFragment } from './decode-fragment.ts'
import { openInstance } from './instance.ts'
import { imageAttributes, part10, words } from './part10.fixture.ts'
import { decodeRle } from './rle.ts'

const EVLE = '1.2.840.10008.1.2.1'
const RLE = '1.2.840.10008.1.2.5'
const DEFLATED_FRAME = '1.2.840.10008.1.2.8.1'
const JPEG = '1.2.840.10008.1.2.4.50'

const grey = (Rows: number, Columns: number, changes: Partial<PixelDescription> = {}): PixelDescription => ({
  Rows,
  Columns,
  NumberOfFrames: 1,
  SamplesPerPixel: 1,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  PlanarConfiguration: 0,
  PhotometricInterpretation: 'MONOCHROME2',
  sampleKind: 'integer',
  ...changes,
})
const color = (
  Rows: number,
  Columns: number,
  PhotometricInterpretation: string,
  changes: Partial<PixelDescription> = {},
): PixelDescription => grey(Rows, Columns, { SamplesPerPixel: 3, PhotometricInterpretation, ...changes })

/** An RLE frame of the given segments, with their offsets in the header. */
function rle(...segments: number[][]): Uint8Array {
  const header = new Uint32Array(16)
  header[0] = segments.length
  let at = 64
  segments.forEach((segment, i) => {
    header[i + 1] = at
    at += segment.length
  })
  return Uint8Array.of(...new Uint8Array(header.buffer), ...segments.flat())
}

describe('RLE (PS3.5 Annex G)', () => {
  it('W3: runs, literals and skipped bytes; the most significant byte comes first', () => {
    // High bytes: two literals 1 and 2, then 3 twice (257 − 255). Low bytes: 128 has no effect, then 9 four times
    // (257 − 253).
    const bytes = rle([1, 1, 2, 255, 3], [128, 253, 9])
    expect([...new Uint16Array(decodeRle(bytes, 4, 1, 2).buffer)]).toEqual([0x0109, 0x0209, 0x0309, 0x0309])
  })
  it('W3: a colour frame has one segment per sample', async () => {
    const { pixels } = await decodeFragment(RLE, rle([255, 1], [255, 2], [255, 3]), color(1, 2, 'RGB'))
    expect([...pixels]).toEqual([1, 2, 3, 1, 2, 3])
  })
  it('W3: segments that are missing, run out or lie outside are refused', async () => {
    await expect(
      decodeFragment(RLE, rle([255, 1]), grey(1, 2, { BitsAllocated: 16, BitsStored: 16, HighBit: 15 })),
    ).rejects.toThrow('decode-failed')
    await expect(decodeFragment(RLE, rle([1, 1]), grey(1, 2))).rejects.toThrow('pixel-data-too-short')
    await expect(decodeFragment(RLE, rle([0, 1]).fill(255, 4, 8), grey(1, 1))).rejects.toThrow('decode-failed')
    await expect(decodeFragment(RLE, new Uint8Array(63), grey(1, 1))).rejects.toThrow('decode-failed')
  })
})

describe('frames that are not compressed as images', () => {
  it('W3: encapsulated uncompressed and deflated frames are their bytes', async () => {
    expect([...(await decodeFragment('1.2.840.10008.1.2.1.98', Uint8Array.of(1, 2, 3, 0), grey(1, 3))).pixels]).toEqual(
      [1, 2, 3],
    )
    expect([
      ...(await decodeFragment(DEFLATED_FRAME, deflateRawSync(Uint8Array.of(7, 8, 9)), grey(1, 3))).pixels,
    ]).toEqual([7, 8, 9])
  })
  it('W3: a deflated frame that grows beyond its size is refused', async () => {
    await expect(decodeFragment(DEFLATED_FRAME, deflateRawSync(new Uint8Array(100_000)), grey(1, 3))).rejects.toThrow(
      'decode-failed',
    )
  })
  it('W3: video and unknown syntaxes are named', async () => {
    await expect(decodeFragment('1.2.840.10008.1.2.4.102', new Uint8Array(4), grey(1, 1))).rejects.toThrow('video')
    await expect(decodeFragment('1.2.3.4.5', new Uint8Array(4), grey(1, 1))).rejects.toThrow(
      'unsupported-transfer-syntax',
    )
  })
  it('W3: frames of bits follow each other without a gap', async () => {
    // Each frame has three pixels: 101 and 011, from the low bits of 0b11_0101 (the first bit is on the right).
    const instance = openInstance({
      bytes: part10(
        EVLE,
        imageAttributes(1, 3, Uint8Array.of(0b110_101, 0), [
          [0x00280008, 'IS', '2'],
          [0x00280100, 'US', 1],
          [0x00280101, 'US', 1],
          [0x00280102, 'US', 0],
        ]),
      ),
    })
    expect([...(await instance.decode(1)).pixels]).toEqual([1, 0, 1])
    expect([...(await instance.decode(2)).pixels]).toEqual([0, 1, 1])
  })
  it('W3: native YBR_FULL_422 becomes YBR_FULL and says so', async () => {
    const instance = openInstance({
      bytes: part10(
        EVLE,
        imageAttributes(1, 2, Uint8Array.of(10, 20, 30, 40), [
          [0x00280002, 'US', 3],
          [0x00280004, 'CS', 'YBR_FULL_422'],
          [0x00280100, 'US', 8],
          [0x00280101, 'US', 8],
          [0x00280102, 'US', 7],
        ]),
      ),
    })
    expect(await instance.decode(1)).toMatchObject({
      PhotometricInterpretation: 'YBR_FULL',
      SamplesPerPixel: 3,
      pixels: Uint8Array.of(10, 30, 40, 20, 30, 40),
    })
  })
})

describe('codestreams', () => {
  const red = (width: number, height: number): Promise<Buffer> =>
    sharp({ create: { width, height, channels: 3, background: { r: 254, g: 0, b: 0 } } })
      .jpeg({ quality: 100 })
      .toBuffer()

  it('W3: JPEG with subsampled chroma becomes RGB, whatever the label says', async () => {
    for (const label of ['YBR_FULL_422', 'RGB']) {
      const decoded = await decodeFragment(JPEG, await red(16, 8), color(8, 16, label))
      expect(decoded.PhotometricInterpretation, label).toBe('RGB')
      expect(decoded.pixels).toHaveLength(16 * 8 * 3)
      for (const [i, wanted] of [254, 0, 0].entries())
        expect(Math.abs(decoded.pixels[i]! - wanted), label).toBeLessThanOrEqual(3)
    }
  })
  it('W3: a codestream of another size than the file declares is refused before it is decoded', async () => {
    await expect(decodeFragment(JPEG, await red(16, 8), color(8, 8, 'RGB'))).rejects.toThrow('bad-dimensions')
    // A header of 65,535 × 65,535 with no data after it. A decoder would reserve 12 GB before it fails.
    const huge = Buffer.from(await red(16, 8))
    const start = huge.indexOf(Buffer.from([0xff, 0xc0]))
    huge.fill(0xff, start + 5, start + 9)
    await expect(
      decodeFragment(JPEG, huge.subarray(0, huge.indexOf(Buffer.from([0xff, 0xda]))), color(8, 8, 'RGB')),
    ).rejects.toThrow('bad-dimensions')
    await expect(decodeFragment(JPEG, await red(16, 8), grey(8, 16))).rejects.toThrow('bad-dimensions')
  })
  it('headers tell size, precision and what the transform did', async () => {
    expect(readCodestreamHeader(await red(16, 8))).toMatchObject({
      kind: 'jpeg',
      Rows: 8,
      Columns: 16,
      components: 3,
      precision: 8,
      frameMarker: 0xc0,
      sampling: 4,
    })
    // SIZ: 300 × 200 in a grid that begins at 10, 20; 3 components of 12 bits, signed; then COD with RCT and 5 levels.
    const siz = [
      0xff,
      0x4f,
      0xff,
      0x51,
      0,
      47,
      0,
      0,
      0,
      0,
      1,
      54,
      0,
      0,
      0,
      220,
      0,
      0,
      0,
      10,
      0,
      0,
      0,
      20,
      0,
      0,
      1,
      54,
      0,
      0,
      0,
      220,
      ...Array.from({ length: 8 }, () => 0),
      0,
      3,
      0x8b,
      1,
      1,
      0x8b,
      1,
      1,
      0x8b,
      1,
      1,
    ]
    const cod = [0xff, 0x52, 0, 12, 0, 0, 0, 1, 1, 5, 4, 4, 0, 1]
    expect(readCodestreamHeader(Uint8Array.of(...siz, ...cod, 0xff, 0x90, 0, 10))).toMatchObject({
      kind: 'jpeg-2000',
      Rows: 200,
      Columns: 300,
      components: 3,
      precision: 12,
      signed: true,
      transform: 1,
      decompositions: 5,
      frameMarker: 0x51,
    })
    // The first tile begins after the first row of the image, or is empty. A decoder may search for it endlessly.
    for (const [at, value] of [
      [39, 21],
      [27, 0],
      [26, 0],
    ] as const) {
      const broken = Uint8Array.of(...siz, ...cod, 0xff, 0x90, 0, 10)
      broken[at] = value
      if (at !== 39) broken[26] = broken[27] = 0
      expect(() => readCodestreamHeader(broken), String(at)).toThrow('decode-failed')
    }
    expect(() => readCodestreamHeader(Uint8Array.of(1, 2, 3, 4))).toThrow('decode-failed')
    expect(() => readCodestreamHeader(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff))).toThrow('decode-failed')
  })
  it('W3: frames in fragments are found by codestream when there is no table', async () => {
    const jpeg = await red(16, 8)
    const cut = jpeg.length - (jpeg.length % 2) - 100
    const even = (part: Uint8Array): Uint8Array => (part.length % 2 === 0 ? part : Uint8Array.of(...part, 0))
    const fragments = [jpeg.subarray(0, cut), even(jpeg.subarray(cut)), even(jpeg)]
    const instance = openInstance({
      bytes: part10(
        JPEG,
        imageAttributes(8, 16, fragments, [
          [0x00280002, 'US', 3],
          [0x00280004, 'CS', 'YBR_FULL_422'],
          [0x00280006, 'US', 0],
          [0x00280008, 'IS', '2'],
          [0x00280100, 'US', 8],
          [0x00280101, 'US', 8],
          [0x00280102, 'US', 7],
        ]),
      ),
    })
    const [first, second] = [await instance.decode(1), await instance.decode(2)]
    expect(first.pixels).toEqual(second.pixels)
    expect(first.pixels).toHaveLength(16 * 8 * 3)
  })
  it("W3: a frame whose fragments are missing is that frame's failure alone", async () => {
    const instance = openInstance({
      bytes: part10(RLE, imageAttributes(1, 2, [rle([255, 0], [255, 5])], [[0x00280008, 'IS', '2']])),
    })
    // There is one fragment for two frames, so the second frame is missing.
    expect([...(await instance.decode(1)).pixels]).toEqual([5, 0, 5, 0])
    await expect(instance.decode(2)).rejects.toThrow('pixel-data-too-short')
  })
  it('samples of a file are found again in words of 16 bits', async () => {
    expect([
      ...(await openInstance({ bytes: part10(EVLE, imageAttributes(1, 2, words(513, 1027))) }).decode(1)).pixels,
    ]).toEqual([1, 2, 3, 4])
  })
})
