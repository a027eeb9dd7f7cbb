/** Decodes the bytes of one frame, native or compressed, to stored values: little endian, colour by pixel. */
import { inflateRawSync } from 'node:zlib'
import { plainBytes } from '../../src-core/bytes.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import {
  checkDescription,
  decodedBits,
  decodedFrameBytes,
  type PixelDescription,
} from '../../src-core/dicom/pixels/description.ts'
import { freshMemory, type Allocate } from '../../src-core/dicom/pixels/memory.ts'
import {
  interleavePlanes,
  unpackBits,
  upsample422,
  swapBytes,
  unpackTwelveBits,
} from '../../src-core/dicom/pixels/unpack.ts'
import { EXPLICIT_BIG, PRIVATE_GE, transferSyntax } from '../../src-core/dicom/transfer-syntax.ts'
import type { DecodedFrame } from '../imaging.ts'
import { readCodestreamHeader, type CodestreamHeader } from './codestream-header.ts'
import { decodeJpegLossless } from './jpeg-lossless.ts'
import { decodeJpegLs } from './jpeg-ls.ts'
import { decodeNative, type NativeDecoder } from './native-codecs.ts'
import { decodeReduced } from './reduced-jpeg-2000.ts'
import { decodeRle } from './rle.ts'

/**
 * Decodes the bytes of exactly one frame. The samples are as stored: not masked to BitsStored and not shifted by
 * HighBit.
 * @param bytes the joined fragments of the frame; for native syntaxes its words in the byte order of the transfer
 * syntax
 * @param allocate where the samples may be stored
 * @error unsupported-transfer-syntax, video, bad-dimensions, unsupported-bits, unsupported-photometric,
 * pixel-data-too-short, decode-failed
 */
export async function decodeFragment(
  TransferSyntaxUID: string,
  bytes: Uint8Array,
  description: PixelDescription,
  allocate = freshMemory,
): Promise<DecodedFrame> {
  checkDescription(description)
  const { pixels } = transferSyntax(TransferSyntaxUID)
  switch (pixels) {
    case 'other':
      throw new OutpostError('unsupported-transfer-syntax', { TransferSyntaxUID })
    case 'video':
      throw new OutpostError('video', { TransferSyntaxUID })
    case 'native':
    case 'encapsulated':
      return decodeUncompressed(bytes, description, 0, hasBigEndianPixels(TransferSyntaxUID), allocate)
    case 'deflated-frames':
      return decodeUncompressed(inflateFrame(bytes, description), description, 0, false)
    case 'rle':
      return decodeRleFrame(bytes, description, allocate)
    default:
      return decodeCodestream(bytes, description, pixels === 'jpeg-xl', allocate)
  }
}

/** Whether native words are big endian, which they are in one standard and one private syntax. */
export function hasBigEndianPixels(TransferSyntaxUID: string): boolean {
  return TransferSyntaxUID === EXPLICIT_BIG || TransferSyntaxUID === PRIVATE_GE
}

/**
 * Reads stored values from uncompressed bytes.
 * @param firstBit where the frame begins. Only frames of 1 or 12 bits may begin inside a byte (PS3.5 8.2)
 */
export function decodeUncompressed(
  bytes: Uint8Array,
  description: PixelDescription,
  firstBit: number,
  bigEndian: boolean,
  allocate = freshMemory,
): DecodedFrame {
  const { Rows, Columns, SamplesPerPixel, BitsAllocated, PhotometricInterpretation } = description
  const samples = Rows * Columns * SamplesPerPixel
  if (BitsAllocated === 1) return decodedFrame(description, unpackBits(bytes, firstBit, samples))
  if (BitsAllocated === 12) return decodedFrame(description, unpackTwelveBits(bytes, firstBit, samples))
  if (
    PhotometricInterpretation === 'YBR_FULL_422' &&
    SamplesPerPixel === 3 &&
    BitsAllocated === 8 &&
    bytes.length < samples
  ) {
    return decodedFrame(description, upsample422(bytes, Rows, Columns), { PhotometricInterpretation: 'YBR_FULL' })
  }
  const size = BitsAllocated / 8
  const neededBytes = samples * size
  if (bytes.length < neededBytes)
    throw new OutpostError('pixel-data-too-short', { bytes: bytes.length, needed: neededBytes })
  const words =
    bigEndian && size > 1
      ? swapBytes(bytes.subarray(0, neededBytes), size, allocate(neededBytes))
      : bytes.subarray(0, neededBytes)
  const planar = SamplesPerPixel === 3 && description.PlanarConfiguration === 1
  return decodedFrame(description, planar ? interleavePlanes(words, Rows * Columns, 3, size) : words)
}

function decodedFrame(
  description: PixelDescription,
  pixels: Uint8Array,
  changes: Partial<DecodedFrame> = {},
): DecodedFrame {
  return {
    Rows: description.Rows,
    Columns: description.Columns,
    SamplesPerPixel: description.SamplesPerPixel === 3 ? 3 : 1,
    BitsAllocated: decodedBits(description.BitsAllocated),
    BitsStored: description.BitsStored,
    PixelRepresentation: description.PixelRepresentation,
    PhotometricInterpretation: description.PhotometricInterpretation,
    pixels,
    ...changes,
  }
}

function inflateFrame(bytes: Uint8Array, description: PixelDescription): Uint8Array {
  const maxOutputLength = decodedFrameBytes(description) + 16
  try {
    return plainBytes(inflateRawSync(bytes, { maxOutputLength }))
  } catch {
    throw new OutpostError('decode-failed', { reason: 'deflate' })
  }
}

function decodeRleFrame(bytes: Uint8Array, description: PixelDescription, allocate: Allocate): DecodedFrame {
  const { Rows, Columns, SamplesPerPixel, BitsAllocated } = description
  // Eight samples of 1 bit are packed into a byte before RLE compression.
  if (BitsAllocated === 1)
    return decodedFrame(
      description,
      unpackBits(decodeRle(bytes, Math.ceil((Rows * Columns) / 8), 1, 1, allocate), 0, Rows * Columns),
    )
  if (BitsAllocated % 8 !== 0) throw new OutpostError('unsupported-bits', { BitsAllocated })
  return decodedFrame(description, decodeRle(bytes, Rows * Columns, SamplesPerPixel, BitsAllocated / 8, allocate))
}

/**
 * The decoder for a codestream. Its own header decides, because files whose transfer syntax names a similar one are
 * common.
 */
function decoderOf(header: CodestreamHeader | null): NativeDecoder {
  if (!header) return 'DecodeJpegXl'
  if (header.kind === 'jpeg') return 'DecodeJpeg'
  return header.frameMarker === 0x50 ? 'DecodeHtJpeg2000' : 'DecodeJpeg2000'
}

/**
 * Decodes a JPEG 2000 frame at 1/2^levels of its size, or larger where the codestream has fewer levels.
 * @returns null for frames that are coded in another way
 * @error as decodeFragment
 */
export async function decodeFragmentReduced(
  bytes: Uint8Array,
  description: PixelDescription,
  levels: number,
): Promise<DecodedFrame | null> {
  checkDescription(description)
  const { Rows, Columns, SamplesPerPixel, BitsAllocated, PixelRepresentation, PhotometricInterpretation } = description
  const header = readCodestreamHeader(bytes)
  if (
    header?.kind !== 'jpeg-2000' ||
    header.frameMarker === 0x50 ||
    header.precision > 16 ||
    (BitsAllocated !== 8 && BitsAllocated !== 16)
  )
    return null
  if (header.Rows !== Rows || header.Columns !== Columns || header.components !== SamplesPerPixel)
    throw new OutpostError('bad-dimensions', { where: 'codestream' })
  const level = Math.min(levels, header.decompositions)
  if (level < 1) return null
  const reduced = await decodeReduced(bytes, level)
  const pixels = resize(
    reduced.pixels,
    reduced.Rows * reduced.Columns * SamplesPerPixel,
    reduced.size,
    BitsAllocated / 8,
    PixelRepresentation === 1,
  )
  return decodedFrame(description, pixels, {
    Rows: reduced.Rows,
    Columns: reduced.Columns,
    PhotometricInterpretation: photometricAfter(header, PhotometricInterpretation, SamplesPerPixel),
  })
}

async function decodeCodestream(
  bytes: Uint8Array,
  description: PixelDescription,
  jpegXl: boolean,
  allocate: Allocate,
): Promise<DecodedFrame> {
  const { Rows, Columns, SamplesPerPixel, BitsAllocated, BitsStored, PixelRepresentation, PhotometricInterpretation } =
    description
  if (BitsAllocated !== 8 && BitsAllocated !== 16 && BitsAllocated !== 32 && BitsAllocated !== 1)
    throw new OutpostError('unsupported-bits', { BitsAllocated })
  const header = readCodestreamHeader(bytes)
  if (!header && !jpegXl) throw new OutpostError('decode-failed', { reason: 'codestream' })
  if (header && (header.Rows !== Rows || header.Columns !== Columns))
    throw new OutpostError('bad-dimensions', { where: 'codestream' })
  if (header && header.components !== SamplesPerPixel) throw new OutpostError('bad-dimensions', { where: 'components' })
  const bits = header ? (header.precision <= 8 ? 8 : header.precision <= 16 ? 16 : 32) : Math.max(8, BitsAllocated)
  const photometric = photometricAfter(header, PhotometricInterpretation, SamplesPerPixel)
  const maxBytes = Math.max(decodedFrameBytes(description), Rows * Columns * SamplesPerPixel * (bits / 8))
  const ownDecoded = header && decodeWithoutLibrary(bytes, header, allocate)
  const result = ownDecoded
    ? { pixels: ownDecoded, BitsAllocated: bits }
    : await decodeNative(
        decoderOf(header),
        bytes,
        {
          Rows,
          Columns,
          BitsAllocated: bits,
          BitsStored: header ? header.precision : BitsStored,
          SamplesPerPixel,
          PixelRepresentation,
          PlanarConfiguration: 0,
          PhotometricInterpretation,
          convertToRgb: header?.kind === 'jpeg' && isYbr(header, PhotometricInterpretation),
        },
        maxBytes,
        allocate,
      )
  const samples = Rows * Columns * SamplesPerPixel
  if (result.pixels.length < samples * (result.BitsAllocated / 8))
    throw new OutpostError('pixel-data-too-short', { bytes: result.pixels.length })
  if (header?.frameMarker === 0x50 && header.kind === 'jpeg-2000')
    clampToPrecision(result.pixels, result.BitsAllocated, header.precision, header.signed)
  const wantedBits = Math.max(8, BitsAllocated)
  const pixels = resize(result.pixels, samples, result.BitsAllocated / 8, wantedBits / 8, PixelRepresentation === 1)
  return decodedFrame(description, pixels, { PhotometricInterpretation: photometric })
}

/**
 * Decodes by functions of this folder, which are faster than a library or safer with damaged data; null when a library
 * must decode the codestream.
 */
function decodeWithoutLibrary(bytes: Uint8Array, header: CodestreamHeader, allocate: Allocate): Uint8Array | null {
  if (header.kind === 'jpeg-ls') return decodeJpegLs(bytes, header, allocate)
  return header.kind === 'jpeg' && header.frameMarker === 0xc3 ? decodeJpegLossless(bytes, header, allocate) : null
}

/**
 * Whether a JPEG has YCbCr components. Its own statement has priority over the label of the file. Without one,
 * subsampled components are YCbCr (ISO 10918-5).
 */
function isYbr(header: CodestreamHeader, PhotometricInterpretation: string): boolean {
  if (header.markedColor) return header.markedColor === 'YCbCr'
  return PhotometricInterpretation.startsWith('YBR') || header.sampling > 1
}

/** The colour space of the decoded samples. */
function photometricAfter(header: CodestreamHeader | null, label: string, samples: number): string {
  if (samples !== 3) return label
  if (!header) return 'RGB'
  if (header.kind === 'jpeg-2000')
    return header.transform === 1 || label === 'YBR_ICT' || label === 'YBR_RCT' ? 'RGB' : label
  // Lossless JPEG (SOF3) keeps the colour space of the samples. The other processes store YCbCr only to compress
  // better.
  if (header.kind === 'jpeg' && header.frameMarker !== 0xc3 && (isYbr(header, label) || header.markedColor === 'RGB'))
    return 'RGB'
  return label
}

/**
 * Limits samples to the range of their precision. The irreversible transform can exceed it, and the high-throughput
 * decoder does not limit values. Masked to BitsStored, white would become black.
 */
function clampToPrecision(pixels: Uint8Array, BitsAllocated: number, precision: number, signed: boolean): void {
  if (precision >= BitsAllocated || BitsAllocated > 16) return
  const size = BitsAllocated / 8
  const samples =
    size === 1
      ? new Int8Array(pixels.buffer, pixels.byteOffset, pixels.length)
      : new Int16Array(pixels.buffer, pixels.byteOffset, pixels.length >> 1)
  const lowest = signed ? -(2 ** (precision - 1)) : 0
  const highest = signed ? 2 ** (precision - 1) - 1 : 2 ** precision - 1
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!
    if (value < lowest) samples[i] = lowest
    else if (value > highest) samples[i] = highest
  }
}

/** Converts samples of `from` bytes each to samples of `to` bytes each. */
function resize(pixels: Uint8Array, samples: number, from: number, to: number, signed: boolean): Uint8Array {
  if (from === to) return pixels.subarray(0, samples * to)
  const out = new Uint8Array(samples * to)
  const shared = Math.min(from, to)
  for (let i = 0; i < samples; i++) {
    for (let k = 0; k < shared; k++) out[i * to + k] = pixels[i * from + k]!
    if (to > from && signed && pixels[i * from + from - 1]! > 127) out.fill(0xff, i * to + from, (i + 1) * to)
  }
  return out
}
