import { describe, expect, it } from 'vitest'
import type { PixelDescription } from '../../src-core/dicom/pixels/description.ts'
import { readCodestreamHeader } from '../decode/codestream-header.ts'
import { decodeFragment } from '../decode/decode-fragment.ts'
import { encodeFrame } from './encode-frame.ts'

const standard = '1.2.840.10008.1.2.'
const grey: PixelDescription = {
  Rows: 33,
  Columns: 41,
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
const FORMS: readonly [name: string, changes: Partial<PixelDescription>][] = [
  ['12 of 16 bits', {}],
  ['16 bits', { BitsStored: 16, HighBit: 15 }],
  ['signed 16 bits', { BitsStored: 16, HighBit: 15, PixelRepresentation: 1 }],
  ['signed 12 of 16 bits', { PixelRepresentation: 1 }],
  ['8 bits', { BitsAllocated: 8, BitsStored: 8, HighBit: 7 }],
  ['6 of 8 bits', { BitsAllocated: 8, BitsStored: 6, HighBit: 5 }],
  ['1 of 8 bits', { BitsAllocated: 8, BitsStored: 1, HighBit: 0 }],
  ['colour', { SamplesPerPixel: 3, BitsAllocated: 8, BitsStored: 8, HighBit: 7, PhotometricInterpretation: 'RGB' }],
  [
    'luminance and colour',
    { SamplesPerPixel: 3, BitsAllocated: 8, BitsStored: 8, HighBit: 7, PhotometricInterpretation: 'YBR_FULL' },
  ],
  ['colour of 16 bits', { SamplesPerPixel: 3, BitsStored: 16, HighBit: 15, PhotometricInterpretation: 'RGB' }],
]

/** A slope with noise over the whole range of the stored bits, with extended signs. */
function samplesOf({
  Rows,
  Columns,
  SamplesPerPixel,
  BitsAllocated,
  BitsStored,
  PixelRepresentation,
}: PixelDescription): Uint8Array {
  const size = BitsAllocated / 8
  const pixels = new Uint8Array(Rows * Columns * SamplesPerPixel * size)
  const view = new DataView(pixels.buffer)
  let seed = 7
  for (let at = 0; at < pixels.length; at += size) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    const value =
      Math.floor((at / pixels.length) * 0.9 * 2 ** BitsStored + (seed / 2_147_483_648) * 0.1 * 2 ** BitsStored) -
      (PixelRepresentation ? 2 ** (BitsStored - 1) : 0)
    if (size === 1) view.setUint8(at, value)
    else if (size === 2) view.setUint16(at, value & 0xffff, true)
    else view.setUint32(at, value >>> 0, true)
  }
  return pixels
}

describe('D5: frames are compressed again without loss', () => {
  const targets: readonly [from: string, to: string][] = [
    ['5', '5'],
    ['8.1', '8.1'],
    ['4.57', '4.70'],
    ['4.70', '4.70'],
    ['4.50', '4.90'],
    ['4.110', '4.90'],
    ['4.80', '4.80'],
    ['4.81', '4.80'],
    ['4.91', '4.90'],
    ['4.201', '4.90'],
  ]
  it.each(targets)('D5: what came in …%s leaves in …%s, every byte as it was', async (from, to) => {
    // The JPEG 2000 encoder cannot encode colour of 16 bits; the check after encoding detects this.
    for (const [name, changes] of to === '4.90' ? FORMS.slice(0, -1) : FORMS) {
      const description = { ...grey, ...changes }
      const pixels = samplesOf(description)
      const encoded = await encodeFrame(standard + from, description, pixels)
      expect(encoded?.TransferSyntaxUID, name).toBe(standard + to)
      const { bytes, PhotometricInterpretation } = encoded!
      const again = await decodeFragment(standard + to, bytes, { ...description, PhotometricInterpretation })
      expect(Buffer.compare(again.pixels, pixels), name).toBe(0)
      expect(again.PhotometricInterpretation, name).toBe(description.PhotometricInterpretation)
    }
  })
  it('D5: red, green and blue are transformed reversibly in JPEG 2000, and labelled so', async () => {
    const eight = { ...grey, ...FORMS[7]![1] }
    expect((await encodeFrame(`${standard}4.90`, eight, samplesOf(eight)))?.PhotometricInterpretation).toBe('YBR_RCT')
    const sixteen = { ...grey, ...FORMS[9]![1] }
    expect(await encodeFrame(`${standard}4.90`, sixteen, samplesOf(sixteen))).toBeNull()
  })
  it('D5: the precision is that of the stored bits, unless a cell holds something beside its pixel', async () => {
    const signed = { ...grey, PixelRepresentation: 1 as const }
    for (const [syntax, ofSigned] of [
      ['4.70', 16],
      ['4.80', 16],
      ['4.90', 12],
    ] as const) {
      const precision = async (description: PixelDescription, pixels: Uint8Array): Promise<number | undefined> => {
        const encoded = (await encodeFrame(standard + syntax, description, pixels))!
        expect(
          Buffer.compare((await decodeFragment(standard + syntax, encoded.bytes, description)).pixels, pixels),
        ).toBe(0)
        return readCodestreamHeader(encoded.bytes)?.precision
      }
      const pixels = samplesOf(grey)
      expect(await precision(grey, pixels), syntax).toBe(12)
      expect(await precision(signed, samplesOf(signed)), syntax).toBe(ofSigned)
      pixels[1] = 0xf0
      expect(await precision(grey, pixels), syntax).toBe(16)
    }
  })
  it('D5: frames without an encoder leave uncompressed: 32 bits, packed 12 bits, floats, other syntaxes', async () => {
    const wide = { ...grey, BitsAllocated: 32, BitsStored: 32, HighBit: 31 }
    const pixels = samplesOf(wide)
    for (const syntax of ['4.70', '4.80', '4.90', '1.98', '1'])
      expect(await encodeFrame(standard + syntax, wide, pixels)).toBeNull()
    expect((await encodeFrame(`${standard}5`, wide, pixels))?.bytes.length).toBeGreaterThan(64)
    expect(await encodeFrame(`${standard}5`, { ...wide, sampleKind: 'float' }, pixels)).toBeNull()
    expect(await encodeFrame(`${standard}5`, { ...grey, BitsAllocated: 12 }, pixels)).toBeNull()
    const deep = { ...grey, SamplesPerPixel: 3, BitsAllocated: 64, BitsStored: 64, HighBit: 63 }
    expect(await encodeFrame(`${standard}5`, deep, new Uint8Array(33 * 41 * 24))).toBeNull()
  })
  it('D5: a codestream that does not give every byte back is not used', async () => {
    // There is one pixel more than the frame has, so decoding gives one less.
    const pixels = new Uint8Array([...samplesOf(grey), 1, 1])
    for (const syntax of ['5', '8.1', '4.80']) expect(await encodeFrame(standard + syntax, grey, pixels)).toBeNull()
  })
})
