/**
 * De-identifies a file that is too large to be kept in memory: its header as usual, its native pixels chunk by chunk.
 * The output is byte for byte that of deidentifyInstance for the same file.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { deidentifyInstance, type DeidentifyContext } from '../../src-core/deidentify/deidentify.ts'
import { clearUnusedBits } from '../../src-core/deidentify/unused-bits.ts'
import type { DicomDataset, DicomElement, DicomFile } from '../../src-core/dicom/dataset.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { checkDescription, type PixelDescription } from '../../src-core/dicom/pixels/description.ts'
import { uncompressedFrameBits } from '../../src-core/dicom/pixels/frame-bits.ts'
import { readPixelDescription } from '../../src-core/dicom/pixels/read-description.ts'
import { transferSyntax } from '../../src-core/dicom/transfer-syntax.ts'
import { readAgain } from '../imaging/second-reader.ts'

/**
 * Number of pixel bytes that are used while the header is written, in place of all: more than are copied into the
 * header's chunk.
 */
const SAMPLE_BYTES = 64 * 1024
const PIXEL_DATA_BYTES = [0xe0, 0x7f, 0x10, 0x00]

export interface LongInstance {
  /** The output header, up to and including the length of Pixel Data. */
  readonly head: Uint8Array
  readonly size: number
  content(): AsyncGenerator<Uint8Array>
}

/**
 * @param header of the file, read from its first bytes, in which its pixels begin
 * @param fileSize bytes
 * @param pieces returns the file's bytes from an offset to an end, in chunks with an even number of cells
 * @returns null when the file has to be read completely: compressed, big endian or bit-wise pixels, or data behind the
 * pixels
 * @error what deidentifyInstance and readAgain throw
 */
export function longDeidentified(
  header: DicomFile,
  fileSize: number,
  context: DeidentifyContext,
  pieces: (from: number, end: number) => AsyncGenerator<Uint8Array>,
): LongInstance | null {
  const pixels = nativePixelData(header, fileSize)
  if (!pixels || context.regions?.length) return null
  const description = readPixelDescription(header.dataset, 'integer')
  checkDescription(description)
  if (![8, 16, 32].includes(description.BitsAllocated)) return null
  const sampled = withElement(header, { ...pixels, valueLength: SAMPLE_BYTES, end: pixels.valueStart + SAMPLE_BYTES })
  const { chunks } = deidentifyInstance(sampled, context)
  const [head, sample] = chunks
  if (chunks.length !== 2 || !head || sample?.length !== SAMPLE_BYTES) return null
  readAgain({ chunks }, sampled, context)
  const length = shownLength(pixels, description)
  return {
    head: withLength(head, length + (length % 2)),
    size: head.length + length + (length % 2),
    async *content() {
      yield this.head
      for await (const piece of pieces(pixels.valueStart, pixels.valueStart + length))
        yield clearUnusedBits(piece, description)
      if (length % 2 === 1) yield new Uint8Array(1)
    },
  }
}

/** The Pixel Data after the last element of the header; null unless it is native and the last element of the file. */
function nativePixelData({ dataset, TransferSyntaxUID }: DicomFile, fileSize: number): DicomElement | null {
  const syntax = transferSyntax(TransferSyntaxUID)
  if (syntax.pixels !== 'native' || syntax.deflated || !dataset.littleEndian) return null
  const { bytes, explicitVR } = dataset
  const start = Math.max(...[...dataset.elements.values()].map(({ end }) => end))
  const valueStart = start + (explicitVR ? 12 : 8)
  if (valueStart + SAMPLE_BYTES > bytes.length) return null
  if (PIXEL_DATA_BYTES.some((byte, index) => bytes[start + index] !== byte)) return null
  const vr = explicitVR ? String.fromCharCode(bytes[start + 4]!, bytes[start + 5]!) : 'OW'
  const valueLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(valueStart - 4, true)
  if ((vr !== 'OW' && vr !== 'OB') || valueStart + valueLength !== fileSize) return null
  return { tag: TAG.PixelData, vr, start, valueStart, valueLength, end: fileSize, undefinedLength: false }
}

function withElement(header: DicomFile, element: DicomElement): DicomFile {
  const elements = new Map([...header.dataset.elements, [element.tag, element]])
  return { ...header, dataset: { ...header.dataset, elements } satisfies DicomDataset, partial: false }
}

/**
 * Number of bytes of the frames that the header describes; further bytes are not shown by any viewer (see shownPixels).
 */
function shownLength({ valueLength }: DicomElement, description: PixelDescription): number {
  const bits = uncompressedFrameBits(description, valueLength) * description.NumberOfFrames
  return Math.min(valueLength, bits / 8)
}

/** A copy of a header that ends with the length of Pixel Data, with another length (PS3.5 7.1.2). */
function withLength(head: Uint8Array, length: number): Uint8Array {
  const changed = new Uint8Array(head)
  const view = new DataView(changed.buffer)
  const at = changed.length - 4
  if (view.getUint32(at, true) !== SAMPLE_BYTES) throw new OutpostError('pixels-not-intact', { element: 'PixelData' })
  view.setUint32(at, length, true)
  return changed
}
