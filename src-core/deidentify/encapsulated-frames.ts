/** Encapsulated pixel data written anew: the frames that the header names, a fragment each, and their offset table. */
import type { DicomElement, DicomFile } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { fragmentsByFrame, opensCodestream } from '../dicom/pixels/frames.ts'
import type { PixelDescription } from '../dicom/pixels/description.ts'
import { transferSyntax } from '../dicom/transfer-syntax.ts'
import { elementNumbers } from '../dicom/values.ts'
import type { ChunkWriter } from './chunk-writer.ts'
import { concatenated } from '../bytes.ts'
import { cleanFrame } from './codestream/clean-frame.ts'

/**
 * Every frame with what its decoder needs. Fragments that belong to no frame are not kept, and of a frame only the
 * first codestream is, as of a header without NumberOfFrames only the first frame is shown.
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
    (fragment) => opensCodestream(bytesOf(fragment)),
  )
  const { pixels } = transferSyntax(TransferSyntaxUID)
  return frames
    .slice(0, NumberOfFrames)
    .map((fragments) => cleanFrame(concatenated(fragments.map(bytesOf)), pixels, description))
}

/** Pixel data of one fragment for each frame, with a full Basic Offset Table (PS3.5 A.4). */
export function writeFrames(writer: ChunkWriter, frames: readonly Uint8Array[]): void {
  writer.open(TAG.PixelData, 'OB')
  writer.item(offsetTable(frames))
  for (const frame of frames) writer.item(frame)
  writer.close()
}

/**
 * Where each frame's item begins, counted from the first byte after this table; empty where that is more than it can
 * say.
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
