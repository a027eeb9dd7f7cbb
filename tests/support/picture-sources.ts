/**
 * Small images of every transfer syntax that can be shown, each with a header of even and of odd length, so that its
 * words begin at even and at odd addresses.
 */
import { deflateRawSync } from 'node:zlib'
import sharp from 'sharp'
import { encodeNative, type EncodedSamples } from '../../src-engine/encode/native-encoders.ts'
import { encodeRle } from '../../src-engine/encode/rle.ts'
import { encoded, type OddElement } from './dicom-bytes.ts'

export const SIDE = 16
const ROOT = '1.2.840.10008.1.2'

export interface PictureSource {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Returns 16-bit grey values that differ between pixels and between seeds. */
function grayWords(seed: number): Uint16Array {
  return Uint16Array.from({ length: SIDE * SIDE }, (_, index) => (index * 257 + seed * 4099) & 0xffff)
}

/** Returns 16-bit grey images of SIDE × SIDE pixels, by their transfer syntax. */
export async function codestreams(): Promise<[string, Uint8Array][]> {
  const words = new Uint8Array(grayWords(3).buffer)
  const samples: EncodedSamples = {
    Rows: SIDE,
    Columns: SIDE,
    SamplesPerPixel: 1,
    BitsAllocated: 16,
    precision: 16,
    PixelRepresentation: 0,
    PhotometricInterpretation: 'MONOCHROME2',
    pixels: words,
  }
  return [
    [`${ROOT}.5`, encodeRle(words, SIDE, SIDE, 1, 2)],
    [`${ROOT}.8.1`, deflateRawSync(words)],
    [`${ROOT}.1.98`, words],
    [`${ROOT}.4.57`, await encodeNative('EncodeJpeg', samples)],
    [`${ROOT}.4.70`, await encodeNative('EncodeJpeg', samples)],
    [`${ROOT}.4.80`, await encodeNative('EncodeJpegLs', samples)],
    [`${ROOT}.4.81`, await encodeNative('EncodeJpegLs', samples)],
    [`${ROOT}.4.90`, await encodeNative('EncodeJpeg2000', samples)],
    [`${ROOT}.4.91`, await encodeNative('EncodeJpeg2000', samples)],
    [`${ROOT}.4.201`, await encodeNative('EncodeHtJpeg2000', samples)],
    [`${ROOT}.4.110`, await encodeNative('EncodeJpegXl', samples)],
  ]
}

async function lossyJpeg(): Promise<Uint8Array> {
  const gray = Uint8Array.from({ length: SIDE * SIDE }, (_, index) => index)
  return sharp(gray, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace('b-w')
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** @param serial last number of SOPInstanceUID @param odd the header has an odd length */
export function pictureElements(
  bits: 8 | 16,
  pixels: Uint8Array | Uint8Array[],
  serial: number,
  odd: boolean,
): OddElement[] {
  return [
    { tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.7' },
    { tag: 0x00080018, vr: 'UI', value: `1.2.3.${serial}` },
    // Some writers do not pad values: everything after such a value begins at an odd address.
    { tag: 0x00081030, vr: 'LO', value: odd ? 'abc' : 'abcd', unpadded: true },
    { tag: 0x0020000d, vr: 'UI', value: '1.2.3' },
    { tag: 0x0020000e, vr: 'UI', value: '1.2.3.4' },
    { tag: 0x00280002, vr: 'US', value: [1] },
    { tag: 0x00280004, vr: 'CS', value: 'MONOCHROME2' },
    { tag: 0x00280010, vr: 'US', value: [SIDE] },
    { tag: 0x00280011, vr: 'US', value: [SIDE] },
    { tag: 0x00280100, vr: 'US', value: [bits] },
    { tag: 0x00280101, vr: 'US', value: [bits] },
    { tag: 0x00280102, vr: 'US', value: [bits - 1] },
    { tag: 0x00280103, vr: 'US', value: [0] },
    Array.isArray(pixels)
      ? { tag: 0x7fe00010, vr: 'OB', fragments: pixels }
      : { tag: 0x7fe00010, vr: 'OW', value: pixels },
  ]
}

/** Returns every syntax with both parities of the header's length. */
export async function pictureSources(): Promise<PictureSource[]> {
  const sources: PictureSource[] = []
  const add = (syntax: string, bits: 8 | 16, pixels: Uint8Array | Uint8Array[]): void => {
    for (const odd of [false, true])
      sources.push({
        name: `${syntax}${odd ? ' odd' : ' even'}`,
        bytes: encoded(syntax, pictureElements(bits, pixels, sources.length + 1, odd)),
      })
  }
  for (const syntax of [ROOT, `${ROOT}.1`, `${ROOT}.2`, `${ROOT}.1.99`, '1.2.840.113619.5.2'])
    add(syntax, 16, new Uint8Array(grayWords(sources.length).buffer))
  for (const [syntax, codestream] of await codestreams()) add(syntax, 16, [codestream])
  for (const syntax of [`${ROOT}.4.50`, `${ROOT}.4.51`]) add(syntax, 8, [await lossyJpeg()])
  return sources
}
