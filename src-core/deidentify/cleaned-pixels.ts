/** Pixels that were decoded and painted take the place of compressed ones: what the header says of them follows. */
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
  /** Absent: BitsStored − 1. */
  readonly HighBit?: number
  readonly PixelRepresentation: 0 | 1
  /** Of the samples as they are coded: YBR_RCT where the codestream has transformed RGB. */
  readonly PhotometricInterpretation: string
}
/** Native, little endian, colour by pixel. */
export interface NativePixels extends CleanedSamples {
  readonly pixels: Uint8Array
}
/** Compressed again without loss, a codestream for each frame. */
export interface CompressedPixels extends CleanedSamples {
  readonly TransferSyntaxUID: string
  readonly frames: readonly Uint8Array[]
}
export type CleanedPixels = NativePixels | CompressedPixels

/** Transfer syntax of the file that holds them. */
export function cleanedSyntax(cleaned: CleanedPixels): string {
  return 'pixels' in cleaned ? EXPLICIT_LITTLE : cleaned.TransferSyntaxUID
}

/** What is written instead of the Image Pixel module of the source. @see PS3.3 C.7.6.3, C.7.6.1.1.5; PS3.5 A.4 */
export function replacePixels({ dataset, TransferSyntaxUID }: DicomFile, cleaned: CleanedPixels): Override[] {
  const overrides = [
    words(TAG.SamplesPerPixel, cleaned.SamplesPerPixel),
    words(TAG.BitsAllocated, cleaned.BitsAllocated),
    words(TAG.BitsStored, cleaned.BitsStored),
    words(TAG.HighBit, cleaned.HighBit ?? cleaned.BitsStored - 1),
    words(TAG.PixelRepresentation, cleaned.PixelRepresentation),
    text16(TAG.PhotometricInterpretation, 'CS', cleaned.PhotometricInterpretation),
    ...lossyBefore(dataset, transferSyntax(TransferSyntaxUID)),
    pixelData(cleaned),
  ]
  if (cleaned.SamplesPerPixel > 1 || dataset.elements.has(TAG.PlanarConfiguration))
    overrides.push(words(TAG.PlanarConfiguration, 0))
  return overrides
}

function words(tag: Tag, value: number): Override {
  return { tag, write: (writer) => writer.element(tag, 'US', new Uint8Array([value & 0xff, value >> 8])) }
}

function text16(tag: Tag, vr: VR, value: string): Override {
  return { tag, write: (writer) => writer.text(tag, vr, value.slice(0, 16)) }
}

function pixelData(cleaned: CleanedPixels): Override {
  const tag = TAG.PixelData
  if ('pixels' in cleaned)
    return { tag, write: (writer) => writer.element(tag, cleaned.BitsAllocated <= 8 ? 'OB' : 'OW', cleaned.pixels) }
  return { tag, write: (writer) => writeFrames(writer, cleaned.frames) }
}

/** Standards that lossy codestreams are of (PS3.3 C.7.6.1.1.5.1). */
const LOSSY_METHODS: Partial<Record<TransferSyntax['pixels'], string>> = {
  jpeg: 'ISO_10918_1',
  'jpeg-ls': 'ISO_14495_1',
  'jpeg-2000': 'ISO_15444_1',
  htj2k: 'ISO_15444_15',
  'jpeg-xl': 'ISO_18181_1',
}

/**
 * What was once compressed with loss stays so for ever, and its new transfer syntax no longer tells. JPEG by cosines
 * loses always;
 * the other syntaxes may hold lossless frames too: of those the file's own word stands.
 */
function lossyBefore(dataset: DicomDataset, syntax: TransferSyntax): Override[] {
  const word = text(dataset, TAG.LossyImageCompression).trim()
  if (!syntax.lossy || word === '01' || (word === '00' && syntax.pixels !== 'jpeg')) return []
  const said = [text16(TAG.LossyImageCompression, 'CS', '01')]
  const missing = (tag: Tag): boolean => text(dataset, tag).trim() === ''
  const method = LOSSY_METHODS[syntax.pixels]
  if (method && missing(TAG.LossyImageCompressionMethod))
    said.push(text16(TAG.LossyImageCompressionMethod, 'CS', method))
  const ratio = compressionRatio(dataset)
  if (ratio && missing(TAG.LossyImageCompressionRatio)) said.push(text16(TAG.LossyImageCompressionRatio, 'DS', ratio))
  return said
}

/** Bytes of the frames as they would be uncompressed, by those of their fragments. */
function compressionRatio(dataset: DicomDataset): string | null {
  const coded = dataset.elements.get(TAG.PixelData)?.fragments?.reduce((sum, { length }) => sum + length, 0) ?? 0
  const samples = [TAG.Rows, TAG.Columns, TAG.SamplesPerPixel, TAG.BitsAllocated].reduce(
    (product, tag) => product * (number(dataset, tag) ?? 0),
    frameCount(number(dataset, TAG.NumberOfFrames)),
  )
  return coded > 0 && samples > 0 ? (samples / 8 / coded).toFixed(2) : null
}
