/** Encodes a frame of stored values as a lossless codestream, in the syntax of its source or the most similar one. */
import { deflateRawSync } from 'node:zlib'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { PixelDescription } from '../../src-core/dicom/pixels/description.ts'
import { transferSyntax, type TransferSyntax } from '../../src-core/dicom/transfer-syntax.ts'
import { readCodestreamHeader } from '../decode/codestream-header.ts'
import { decodeFragment } from '../decode/decode-fragment.ts'
import { encodeNative, type EncodedSamples, type NativeEncoder } from './native-encoders.ts'
import { encodeRle, MAX_SEGMENTS } from './rle.ts'

const RLE = '1.2.840.10008.1.2.5'
const DEFLATED_FRAMES = '1.2.840.10008.1.2.8.1'
const JPEG_LOSSLESS = '1.2.840.10008.1.2.4.70'
const JPEG_LS_LOSSLESS = '1.2.840.10008.1.2.4.80'
const JPEG_2000_LOSSLESS = '1.2.840.10008.1.2.4.90'

/**
 * The lossless syntax for images of each kind of source. For a colour image that was lossy JPEG, JPEG Lossless takes
 * 2.5 times the size of JPEG 2000, whose reversible transform separates the colours, and JPEG-LS takes 1.5 times the
 * size. Few programs read JPEG XL.
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
  /** The interpretation of the samples in the codestream. */
  readonly PhotometricInterpretation: string
  readonly bytes: Uint8Array
}

/**
 * Encodes a frame and checks that decoding it gives the same bytes.
 * @param source transfer syntax of the source
 * @param description the given pixels: colour by pixel, whatever PlanarConfiguration says
 * @returns null where no syntax fits, or where the decoded bytes differ from the given ones; the frame then leaves
 * uncompressed
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
    const codedPhotometric = isTransformed(TransferSyntaxUID, bytes) ? 'YBR_RCT' : PhotometricInterpretation
    const decodedAgain = await decodeFragment(TransferSyntaxUID, bytes, {
      ...description,
      PlanarConfiguration: 0,
      PhotometricInterpretation: codedPhotometric,
    })
    const isIdentical =
      decodedAgain.PhotometricInterpretation === PhotometricInterpretation &&
      Buffer.compare(decodedAgain.pixels, pixels) === 0
    return isIdentical ? { TransferSyntaxUID, PhotometricInterpretation: codedPhotometric, bytes } : null
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
    return SamplesPerPixel * size > MAX_SEGMENTS ? null : encodeRle(pixels, Rows, Columns, SamplesPerPixel, size)
  if (size > 2) return null
  // JPEG and JPEG-LS have no signed samples, so signed samples are encoded with all bits of the cell.
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

/** The number of bits that all samples need: BitsStored, unless a cell has other bits beside its pixel. */
function precisionOf({ BitsAllocated, BitsStored, PixelRepresentation }: PixelDescription, pixels: Uint8Array): number {
  if (BitsStored >= BitsAllocated || BitsStored < 2) return BitsAllocated
  const words =
    BitsAllocated === 8
      ? pixels
      : new Uint16Array(pixels.buffer.slice(pixels.byteOffset, pixels.byteOffset + pixels.byteLength))
  const notStored = 32 - BitsStored
  const unallocated = 32 - BitsAllocated
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    // The sample after its unused bits are removed and restored.
    const restored =
      PixelRepresentation === 1
        ? (((word << notStored) >> notStored) << unallocated) >>> unallocated
        : (word << notStored) >>> notStored
    if (restored !== word) return BitsAllocated
  }
  return BitsStored
}
