/**
 * The elements that describe the pixels of an image after its compressed pixels were decoded, painted and written
 * again.
 */
import type { DicomDataset, DicomFile, Tag, VR } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { EXPLICIT_LITTLE, transferSyntax, type TransferSyntax } from '../dicom/transfer-syntax.ts'
import { frameCount } from '../dicom/pixels/frame-count.ts'
import { number, text } from '../dicom/values.ts'
import { writeFrames } from './encapsulated-frames.ts'
import type { Override } from './rewrite.ts'

interface CleanedSamples {
  readonly SamplesPerPixel: 1 | 3
  readonly BitsAllocated: number
  readonly BitsStored: number
  /** Absent means BitsStored − 1. */
  readonly HighBit?: number
  readonly PixelRepresentation: 0 | 1
  /** The interpretation of the coded samples: YBR_RCT where the encoder has transformed RGB. */
  readonly PhotometricInterpretation: string
}
/** Uncompressed pixels: little endian, colour by pixel. */
export interface NativePixels extends CleanedSamples {
  readonly pixels: Uint8Array
}
/** Pixels that were compressed again without loss, one codestream for each frame. */
export interface CompressedPixels extends CleanedSamples {
  readonly TransferSyntaxUID: string
  readonly frames: readonly Uint8Array[]
}
export type CleanedPixels = NativePixels | CompressedPixels

/** The transfer syntax of a file that holds these pixels. */
export function cleanedSyntax(cleaned: CleanedPixels): string {
  return 'pixels' in cleaned ? EXPLICIT_LITTLE : cleaned.TransferSyntaxUID
}

/**
 * The elements that replace the Image Pixel module of the source.
 * @see PS3.3 C.7.6.3, C.7.6.1.1.5; PS3.5 A.4
 */
export function replacePixels({ dataset, TransferSyntaxUID }: DicomFile, cleaned: CleanedPixels): Override[] {
  const overrides = [
    uint16Override(TAG.SamplesPerPixel, cleaned.SamplesPerPixel),
    uint16Override(TAG.BitsAllocated, cleaned.BitsAllocated),
    uint16Override(TAG.BitsStored, cleaned.BitsStored),
    uint16Override(TAG.HighBit, cleaned.HighBit ?? cleaned.BitsStored - 1),
    uint16Override(TAG.PixelRepresentation, cleaned.PixelRepresentation),
    textOverride16(TAG.PhotometricInterpretation, 'CS', cleaned.PhotometricInterpretation),
    ...lossyCompressionOverrides(dataset, transferSyntax(TransferSyntaxUID)),
    pixelData(cleaned),
  ]
  if (cleaned.SamplesPerPixel > 1 || dataset.elements.has(TAG.PlanarConfiguration))
    overrides.push(uint16Override(TAG.PlanarConfiguration, 0))
  return overrides
}

function uint16Override(tag: Tag, value: number): Override {
  return { tag, write: (writer) => writer.element(tag, 'US', new Uint8Array([value & 0xff, value >> 8])) }
}

function textOverride16(tag: Tag, vr: VR, value: string): Override {
  return { tag, write: (writer) => writer.text(tag, vr, value.slice(0, 16)) }
}

function pixelData(cleaned: CleanedPixels): Override {
  const tag = TAG.PixelData
  if ('pixels' in cleaned)
    return { tag, write: (writer) => writer.element(tag, cleaned.BitsAllocated <= 8 ? 'OB' : 'OW', cleaned.pixels) }
  return { tag, write: (writer) => writeFrames(writer, cleaned.frames) }
}

/** The values of LossyImageCompressionMethod for each kind of codestream (PS3.3 C.7.6.1.1.5.1). */
const LOSSY_METHODS: Partial<Record<TransferSyntax['pixels'], string>> = {
  jpeg: 'ISO_10918_1',
  'jpeg-ls': 'ISO_14495_1',
  'jpeg-2000': 'ISO_15444_1',
  htj2k: 'ISO_15444_15',
  'jpeg-xl': 'ISO_18181_1',
}

/**
 * The attributes of an earlier lossy compression. They are needed because the loss remains, and the new lossless
 * transfer syntax no longer shows it. JPEG with a discrete cosine transform always loses information. The other
 * syntaxes may hold lossless frames too, so for those the file's own attribute decides.
 */
function lossyCompressionOverrides(dataset: DicomDataset, syntax: TransferSyntax): Override[] {
  const stated = text(dataset, TAG.LossyImageCompression).trim()
  if (!syntax.lossy || stated === '01' || (stated === '00' && syntax.pixels !== 'jpeg')) return []
  const overrides = [textOverride16(TAG.LossyImageCompression, 'CS', '01')]
  const missing = (tag: Tag): boolean => text(dataset, tag).trim() === ''
  const method = LOSSY_METHODS[syntax.pixels]
  if (method && missing(TAG.LossyImageCompressionMethod))
    overrides.push(textOverride16(TAG.LossyImageCompressionMethod, 'CS', method))
  const ratio = compressionRatio(dataset)
  if (ratio && missing(TAG.LossyImageCompressionRatio))
    overrides.push(textOverride16(TAG.LossyImageCompressionRatio, 'DS', ratio))
  return overrides
}

/**
 * The size of the uncompressed frames divided by the size of their fragments, with two decimals; null when it is
 * unknown.
 */
function compressionRatio(dataset: DicomDataset): string | null {
  const coded = dataset.elements.get(TAG.PixelData)?.fragments?.reduce((sum, { length }) => sum + length, 0) ?? 0
  const samples = [TAG.Rows, TAG.Columns, TAG.SamplesPerPixel, TAG.BitsAllocated].reduce(
    (product, tag) => product * (number(dataset, tag) ?? 0),
    frameCount(number(dataset, TAG.NumberOfFrames)),
  )
  return coded > 0 && samples > 0 ? (samples / 8 / coded).toFixed(2) : null
}
