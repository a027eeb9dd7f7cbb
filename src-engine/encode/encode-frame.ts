/** A frame of stored values as a lossless codestream of the syntax that its source came in, or of the nearest. */
import { deflateRawSync } from 'node:zlib'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { PixelDescription } from '../../src-core/dicom/pixels/description.ts'
import { transferSyntax, type TransferSyntax } from '../../src-core/dicom/transfer-syntax.ts'
import { readCodestreamHeader } from '../decode/codestream-header.ts'
import { decodeFragment } from '../decode/decode-fragment.ts'
import { encodeNative, type EncodedSamples, type NativeEncoder } from './native-encoders.ts'
import { encodeRle, MOST_SEGMENTS } from './rle.ts'

const RLE = '1.2.840.10008.1.2.5'
const DEFLATED_FRAMES = '1.2.840.10008.1.2.8.1'
const JPEG_LOSSLESS = '1.2.840.10008.1.2.4.70'
const JPEG_LS_LOSSLESS = '1.2.840.10008.1.2.4.80'
const JPEG_2000_LOSSLESS = '1.2.840.10008.1.2.4.90'

/**
 * What an image leaves in that came in another syntax. What lossy JPEG has left of a colour image takes 2.5 times as
 * much in JPEG Lossless as
 * in JPEG 2000, whose reversible transform takes the colours apart again, and 1.5 times as much in JPEG-LS; few read
 * JPEG XL.
 */
const LOSSLESS: Partial<Record<TransferSyntax['pixels'], string>> = {
  rle: RLE,
  'deflated-frames': DEFLATED_FRAMES,
  'jpeg-lossless': JPEG_LOSSLESS,
  'jpeg-ls': JPEG_LS_LOSSLESS,
  jpeg: JPEG_2000_LOSSLESS,
  'jpeg-2000': JPEG_2000_LOSSLESS,
  htj2k: JPEG_2000_LOSSLESS,
  'jpeg-xl': JPEG_2000_LOSSLESS,
}
const ENCODERS: Readonly<Record<string, NativeEncoder>> = {
  [JPEG_LOSSLESS]: 'EncodeJpeg',
  [JPEG_LS_LOSSLESS]: 'EncodeJpegLs',
  [JPEG_2000_LOSSLESS]: 'EncodeJpeg2000',
}

export interface EncodedFrame {
  readonly TransferSyntaxUID: string
  /** Of the samples in the codestream. */
  readonly PhotometricInterpretation: string
  readonly bytes: Uint8Array
}

/**
 * @param source transfer syntax that the frame came in
 * @param description of the pixels as they are given: colour by pixel, whatever PlanarConfiguration says
 * @returns null where no syntax fits, or where what would be read again is not every byte that was given: then the
 * frame leaves uncompressed
 */
export async function encodeFrame(
  source: string,
  description: PixelDescription,
  pixels: Uint8Array,
): Promise<EncodedFrame | null> {
  const TransferSyntaxUID = LOSSLESS[transferSyntax(source).pixels]
  if (!TransferSyntaxUID || description.sampleKind !== 'integer') return null
  const { PhotometricInterpretation } = description
  try {
    const bytes = await encode(TransferSyntaxUID, description, pixels)
    if (!bytes) return null
    const label = isTransformed(TransferSyntaxUID, bytes) ? 'YBR_RCT' : PhotometricInterpretation
    const again = await decodeFragment(TransferSyntaxUID, bytes, {
      ...description,
      PlanarConfiguration: 0,
      PhotometricInterpretation: label,
    })
    const same =
      again.PhotometricInterpretation === PhotometricInterpretation && Buffer.compare(again.pixels, pixels) === 0
    return same ? { TransferSyntaxUID, PhotometricInterpretation: label, bytes } : null
  } catch (error) {
    if (error instanceof OutpostError) return null
    throw error
  }
}

function isTransformed(TransferSyntaxUID: string, bytes: Uint8Array): boolean {
  return TransferSyntaxUID === JPEG_2000_LOSSLESS && readCodestreamHeader(bytes)?.transform === 1
}

async function encode(
  TransferSyntaxUID: string,
  description: PixelDescription,
  pixels: Uint8Array,
): Promise<Uint8Array | null> {
  const { Rows, Columns, SamplesPerPixel, BitsAllocated, PixelRepresentation, PhotometricInterpretation } = description
  const size = BitsAllocated / 8
  if (!Number.isInteger(size)) return null
  if (TransferSyntaxUID === DEFLATED_FRAMES) return deflateRawSync(pixels)
  if (TransferSyntaxUID === RLE)
    return SamplesPerPixel * size > MOST_SEGMENTS ? null : encodeRle(pixels, Rows, Columns, SamplesPerPixel, size)
  if (size > 2) return null
  // JPEG and JPEG-LS know no signs: what is read again has those of the whole cell.
  const precision =
    PixelRepresentation === 1 && TransferSyntaxUID !== JPEG_2000_LOSSLESS
      ? BitsAllocated
      : precisionOf(description, pixels)
  const samples: EncodedSamples = {
    Rows,
    Columns,
    SamplesPerPixel,
    BitsAllocated,
    precision,
    PixelRepresentation,
    PhotometricInterpretation,
    pixels,
  }
  return encodeNative(ENCODERS[TransferSyntaxUID]!, samples)
}

/** Bits that hold every sample: those that are stored, unless a cell holds something beside its pixel. */
function precisionOf({ BitsAllocated, BitsStored, PixelRepresentation }: PixelDescription, pixels: Uint8Array): number {
  if (BitsStored >= BitsAllocated || BitsStored < 2) return BitsAllocated
  const words =
    BitsAllocated === 8
      ? pixels
      : new Uint16Array(pixels.buffer.slice(pixels.byteOffset, pixels.byteOffset + pixels.byteLength))
  const unused = 32 - BitsStored
  const raise = 32 - BitsAllocated
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    // As the sample is when its unused bits are thrown away and made again.
    const again =
      PixelRepresentation === 1 ? (((word << unused) >> unused) << raise) >>> raise : (word << unused) >>> unused
    if (again !== word) return BitsAllocated
  }
  return BitsStored
}
