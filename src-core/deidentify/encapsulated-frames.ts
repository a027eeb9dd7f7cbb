/**
 * Writes encapsulated pixel data again: the frames that the header declares, one fragment for each, and their offset
 * table.
 */
import type { DicomElement, DicomFile } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { fragmentsByFrame, startsCodestream } from '../dicom/pixels/frames.ts'
import type { PixelDescription } from '../dicom/pixels/description.ts'
import { transferSyntax } from '../dicom/transfer-syntax.ts'
import { elementNumbers } from '../dicom/values.ts'
import type { ChunkWriter } from './chunk-writer.ts'
import { concatenated } from '../bytes.ts'
import { cleanFrame } from './codestream/clean-frame.ts'

/**
 * Every frame, reduced to the bytes that its decoder needs. Fragments that belong to no frame are dropped. Of a frame
 * only the first codestream is kept; without NumberOfFrames only the first frame is shown, and only that one is kept.
 * @error cannot-deidentify where a frame cannot be walked
 */
export function cleanedFrames(
  { dataset, TransferSyntaxUID }: DicomFile,
  element: DicomElement,
  description: PixelDescription,
): Uint8Array[] {
  const bytesOf = ({ start, length }: { readonly start: number; readonly length: number }): Uint8Array =>
    dataset.bytes.subarray(start, start + length)
  const extended = dataset.elements.get(TAG.ExtendedOffsetTable)
  const { NumberOfFrames } = description
  const frames = fragmentsByFrame(
    {
      fragments: element.fragments!,
      NumberOfFrames,
      offsetTable: element.offsetTable ?? [],
      extendedOffsets: extended ? elementNumbers(dataset, { ...extended, vr: 'OV' }) : [],
    },
    (fragment) => startsCodestream(bytesOf(fragment)),
  )
  const { pixels } = transferSyntax(TransferSyntaxUID)
  return frames
    .slice(0, NumberOfFrames)
    .map((fragments) => cleanFrame(concatenated(fragments.map(bytesOf)), pixels, description))
}

/** Writes pixel data with one fragment for each frame and a full Basic Offset Table (PS3.5 A.4). */
export function writeFrames(writer: ChunkWriter, frames: readonly Uint8Array[]): void {
  writer.open(TAG.PixelData, 'OB')
  writer.item(offsetTable(frames))
  for (const frame of frames) writer.item(frame)
  writer.close()
}

/**
 * The Basic Offset Table: where the item of each frame begins, counted from the first byte after the table. It is empty
 * when an offset does not fit into 32 bits.
 */
function offsetTable(frames: readonly Uint8Array[]): Uint8Array {
  const table = new Uint8Array(frames.length * 4)
  const view = new DataView(table.buffer)
  let at = 0
  for (const [index, { length }] of frames.entries()) {
    if (at > 0xffff_ffff) return new Uint8Array(0)
    view.setUint32(index * 4, at, true)
    at += 8 + length + (length & 1)
  }
  return table
}
