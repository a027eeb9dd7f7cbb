/**
 * Compressed pixels decoded, painted and compressed again (Clean Pixel Data). Native pixels need none of this:
 * deidentifyInstance paints them in place.
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

/** More than this is not held in memory: the instance is refused instead. */
const LIMIT = 2 ** 30
/** What compressing again may fail by while decoding alone would not. */
const TOO_MUCH_WORK: readonly ErrorCode[] = ['decode-out-of-memory', 'decode-timeout', 'decode-failed']

/**
 * Whether the pixels of a file can leave only as cleanedPixelsOf gives them: compressed, and either to be painted or
 * such as cannot be passed on as they are.
 */
export function leavesDecoded(file: DicomFile, regions: readonly Region[]): boolean {
  const compressed = file.dataset.elements.get(TAG.PixelData)?.fragments !== undefined
  return compressed && (regions.length > 0 || mustBeDecoded(file))
}

/**
 * What is written instead of the pixels of a file that leavesDecoded.
 * @param source the state of the file in which `dataset` was read
 * @error file-changed when it has another state by now; what cleanPixels throws
 */
export async function cleanedPixelsOf(
  paint: Imaging['paintFrame'],
  source: FileState,
  dataset: DicomDataset,
  regions: readonly Region[],
): Promise<CleanedPixels> {
  const { path } = source
  const cleanedPixels = await cleanPixels(paint, { path }, dataset, regions)
  // Decoders read the file themselves: were it another by now, its pixels would leave under this header.
  if (!sameState(await stat(path), source)) throw new OutpostError('file-changed')
  return cleanedPixels
}

/**
 * Every frame with its regions black: compressed without loss in the nearest syntax, or native where one of them cannot
 * be.
 * @param paint of a pool of processes: what it reads is not to be trusted
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
  // What holds bits must go on holding bits: objects for masks and scanned pages allow nothing else.
  return 'pixels' in cleaned && number(dataset, TAG.BitsAllocated) === 1
    ? { ...cleaned, BitsAllocated: 1, pixels: packBits(cleaned.pixels) }
    : cleaned
}

/** @returns null when the frames are not all of one kind, in one syntax */
async function paintAll(
  paint: (frame: number) => Promise<PaintedFrame>,
  NumberOfFrames: number,
): Promise<CleanedPixels | null> {
  const first = await paint(1)
  const { TransferSyntaxUID, bytes, Rows: _rows, Columns: _columns, ...samples } = first
  if (TransferSyntaxUID === null && bytes.length * NumberOfFrames > LIMIT) throw new OutpostError('too-large')
  const frames = [bytes]
  let held = bytes.length
  for (let frame = 2; frame <= NumberOfFrames; frame++) {
    const next = await paint(frame)
    if (kindOf(next) !== kindOf(first)) return null
    if (TransferSyntaxUID === null && next.bytes.length !== bytes.length)
      throw new OutpostError('decode-failed', { frame })
    held += next.bytes.length
    if (held > LIMIT) throw new OutpostError('too-large')
    frames.push(next.bytes)
  }
  if (TransferSyntaxUID !== null) return { ...samples, TransferSyntaxUID, frames }
  const pixels = new Uint8Array(held)
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
