/**
 * Chooses what is written for the pixels of an instance. All pixels that leave de-identified pass through
 * pixelOverrides.
 */
import { OutpostError } from '../contract/errors.ts'
import type { DicomElement, DicomFile } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { checkDescription, type PixelDescription } from '../dicom/pixels/description.ts'
import { pixelDataElement, readPixelDescription } from '../dicom/pixels/read-description.ts'
import { PRIVATE_GE, transferSyntax } from '../dicom/transfer-syntax.ts'
import { number, valueBytes } from '../dicom/values.ts'
import { replacePixels, type CleanedPixels } from './cleaned-pixels.ts'
import { unwalkable } from './codestream/bytes.ts'
import { cleanedFrames, writeFrames } from './encapsulated-frames.ts'
import { shownPixels } from './native-pixels.ts'
import { hasOverlayInPixels, layoutOf } from './pixel-layout.ts'
import { blackOut, type Region } from './regions.ts'
import { swapBytes, type Override } from './rewrite.ts'

export const PIXEL_TAGS = [TAG.FloatPixelData, TAG.DoubleFloatPixelData, TAG.PixelData]
/** Offset tables that are not written, because the Basic Offset Table covers everything that is written here. */
const EXTENDED_OFFSETS = [
  TAG.ExtendedOffsetTable,
  TAG.ExtendedOffsetTableLengths,
  TAG.EncapsulatedPixelDataValueTotalLength,
]

export interface PixelContext {
  readonly regions?: readonly Region[]
  readonly cleanedPixels?: CleanedPixels
}

/**
 * Whether compressed frames must be decoded and compressed again without loss. This is necessary where their syntax
 * cannot be walked here, and where an overlay is in unused bits of their samples.
 */
export function mustBeDecoded({ dataset, TransferSyntaxUID }: DicomFile): boolean {
  const { pixels } = transferSyntax(TransferSyntaxUID)
  return pixels === 'jpeg-xl' || pixels === 'deflated-frames' || hasOverlayInPixels(dataset)
}

/**
 * The overrides of all elements that hold pixels or offsets of them. An image has its pixels in one element; other
 * pixel elements are not shown by viewers, so they are not written.
 * @error bad-dimensions, unsupported-bits, unsupported-photometric where the header does not describe the pixels;
 * cannot-deidentify where compressed frames cannot be walked; what blackOut throws
 */
export function pixelOverrides(file: DicomFile, context: PixelContext): Override[] {
  const { dataset } = file
  const pixelElement = pixelDataElement(dataset)
  if (!pixelElement) return []
  const { element, sampleKind } = pixelElement
  const removed = [...PIXEL_TAGS, ...EXTENDED_OFFSETS]
    .filter((tag) => tag !== element.tag && dataset.elements.has(tag))
    .map((tag): Override => ({ tag, write: () => {} }))
  if (context.cleanedPixels && element.tag === TAG.PixelData)
    return [...removed, ...replacePixels(file, context.cleanedPixels)]
  if (element.valueLength === 0 && !element.fragments)
    return [...removed, { tag: element.tag, write: (writer) => writer.element(element.tag, 'OW', new Uint8Array(0)) }]
  const description = readPixelDescription(dataset, sampleKind)
  checkDescription(description)
  if (element.fragments) {
    if (context.regions?.length || mustBeDecoded(file)) throw unwalkable('must be decoded')
    const frames = cleanedFrames(file, element, description)
    return [...removed, { tag: element.tag, write: (writer) => writeFrames(writer, frames) }]
  }
  // The syntax is a compressed one, but the value is not encapsulated. It is not a list of samples, and no function
  // here can walk it.
  if (transferSyntax(file.TransferSyntaxUID).pixels !== 'native') throw unwalkable('not encapsulated')
  const pixels = nativePixels(file, element, description, context.regions ?? [])
  const vr = vrOf(element, description)
  return [...removed, { tag: element.tag, write: (writer) => writer.element(element.tag, vr, pixels) }]
}

function vrOf({ tag, vr }: DicomElement, { BitsAllocated }: PixelDescription): 'OB' | 'OW' | 'OF' | 'OD' {
  if (tag === TAG.FloatPixelData) return 'OF'
  if (tag === TAG.DoubleFloatPixelData) return 'OD'
  return BitsAllocated <= 8 && vr === 'OB' ? 'OB' : 'OW'
}

/**
 * The pixels in little endian. They are the bytes of the source unless they must be painted, cleared or byte-swapped.
 */
function nativePixels(
  { dataset, TransferSyntaxUID }: DicomFile,
  element: DicomElement,
  description: PixelDescription,
  regions: readonly Region[],
): Uint8Array {
  let pixels = valueBytes(dataset, element)
  const allocated = number(dataset, TAG.BitsAllocated) ?? 16
  const bigEndian = !dataset.littleEndian || TransferSyntaxUID === PRIVATE_GE
  if (bigEndian && element.vr !== 'OB') pixels = swapBytes(pixels, Math.max(2, allocated >> 3))
  const shownBytes = shownPixels(pixels, description)
  if (regions.length === 0) return shownBytes
  if (description.sampleKind !== 'integer') throw new OutpostError('unsupported-bits', { BitsAllocated: allocated })
  return blackOut(shownBytes, layoutOf(dataset), regions)
}
