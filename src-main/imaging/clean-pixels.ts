/**
 * Decodes compressed pixels, blacks out regions and compresses the frames again (Clean Pixel Data). Native pixels do
 * not need this: deidentifyInstance blacks them out in place.
 */
import { stat } from 'node:fs/promises'
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { CleanedPixels } from '../../src-core/deidentify/cleaned-pixels.ts'
import { packBits } from '../../src-core/deidentify/pack-bits.ts'
import { mustBeDecoded } from '../../src-core/deidentify/pixel-data.ts'
import type { Region } from '../../src-core/deidentify/regions.ts'
import type { DicomDataset, DicomFile } from '../../src-core/dicom/dataset.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { frameCount } from '../../src-core/dicom/pixels/frame-count.ts'
import { number } from '../../src-core/dicom/values.ts'
import type { Imaging, InstanceSource, PaintedFrame } from '../../src-engine/imaging.ts'
import { sameState, type FileState } from './file-state.ts'

/** Largest size of the decoded pixels in bytes. A larger instance is refused. */
const LIMIT = 2 ** 30
/** Errors that compressing again may cause where decoding alone would succeed. */
const TOO_MUCH_WORK: readonly ErrorCode[] = ['decode-out-of-memory', 'decode-timeout', 'decode-failed']

/**
 * Whether the pixels of a file can leave only as cleanedPixelsOf returns them: they are compressed, and either have
 * regions to black out or are in a form that cannot be passed on unchanged.
 */
export function leavesDecoded(file: DicomFile, regions: readonly Region[]): boolean {
  const compressed = file.dataset.elements.get(TAG.PixelData)?.fragments !== undefined
  return compressed && (regions.length > 0 || mustBeDecoded(file))
}

/**
 * Returns what is written instead of the pixels of a file for which leavesDecoded is true.
 * @param source the state of the file when `dataset` was read
 * @error file-changed when the file has another state now; what cleanPixels throws
 */
export async function cleanedPixelsOf(
  paint: Imaging['paintFrame'],
  source: FileState,
  dataset: DicomDataset,
  regions: readonly Region[],
): Promise<CleanedPixels> {
  const { path } = source
  const cleanedPixels = await cleanPixels(paint, { path }, dataset, regions)
  // The decoders read the file themselves. If it had changed, the pixels of another image would leave with this header.
  if (!sameState(await stat(path), source)) throw new OutpostError('file-changed')
  return cleanedPixels
}

/**
 * Returns every frame with its regions black: compressed without loss in the nearest transfer syntax, or native where a
 * frame cannot be compressed.
 * @param paint runs in a pool of processes, because the input is not trusted
 * @error too-large above 1 GiB; video; what paintFrame throws
 */
export async function cleanPixels(
  paint: Imaging['paintFrame'],
  source: InstanceSource,
  dataset: DicomDataset,
  regions: readonly Region[],
): Promise<CleanedPixels> {
  const NumberOfFrames = frameCount(number(dataset, TAG.NumberOfFrames))
  const all = (compress: boolean): Promise<CleanedPixels | null> =>
    paintAll((frame) => paint(source, { frame, regions, compress }), NumberOfFrames)
  const cleaned =
    (await all(true).catch((error: unknown) => {
      if (error instanceof OutpostError && TOO_MUCH_WORK.includes(error.code)) return null
      throw error
    })) ?? (await all(false))
  if (!cleaned) throw new OutpostError('decode-failed', { reason: 'frames differ' })
  // Pixels of one bit must stay pixels of one bit: segmentations and scanned pages allow nothing else.
  return 'pixels' in cleaned && number(dataset, TAG.BitsAllocated) === 1
    ? { ...cleaned, BitsAllocated: 1, pixels: packBits(cleaned.pixels) }
    : cleaned
}

/** @returns null when the frames differ in size or transfer syntax */
async function paintAll(
  paint: (frame: number) => Promise<PaintedFrame>,
  NumberOfFrames: number,
): Promise<CleanedPixels | null> {
  const first = await paint(1)
  const { TransferSyntaxUID, bytes, Rows: _rows, Columns: _columns, ...samples } = first
  if (TransferSyntaxUID === null && bytes.length * NumberOfFrames > LIMIT) throw new OutpostError('too-large')
  const frames = [bytes]
  let bytesHeld = bytes.length
  for (let frame = 2; frame <= NumberOfFrames; frame++) {
    const next = await paint(frame)
    if (kindOf(next) !== kindOf(first)) return null
    if (TransferSyntaxUID === null && next.bytes.length !== bytes.length)
      throw new OutpostError('decode-failed', { frame })
    bytesHeld += next.bytes.length
    if (bytesHeld > LIMIT) throw new OutpostError('too-large')
    frames.push(next.bytes)
  }
  if (TransferSyntaxUID !== null) return { ...samples, TransferSyntaxUID, frames }
  const pixels = new Uint8Array(bytesHeld)
  for (const [index, frame] of frames.entries()) pixels.set(frame, index * bytes.length)
  return { ...samples, pixels }
}

function kindOf(frame: PaintedFrame): string {
  return [
    frame.TransferSyntaxUID,
    frame.PhotometricInterpretation,
    frame.SamplesPerPixel,
    frame.BitsAllocated,
    frame.BitsStored,
    frame.HighBit,
  ].join()
}
