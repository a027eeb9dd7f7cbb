/** Finds where the data of a JPEG-LS scan end. Only decoding the scan can show this (ISO 14495-1 Annex A). */
import { endOfBits } from '../../dicom/codestreams/entropy-bits.ts'
import { presetOf, type JpegLsPreset } from '../../dicom/codestreams/jpeg-ls-preset.ts'
import { JpegLsScan } from '../../dicom/codestreams/jpeg-ls-scan.ts'
import { unwalkable } from './bytes.ts'
import type { FrameSize } from './jpeg-marks.ts'

interface JpegLsScanHeader {
  readonly frame: FrameSize
  readonly given: Partial<JpegLsPreset>
  /** The number of components of the scan. */
  readonly count: number
  /** The bytes of NEAR, interleave mode and point transform. */
  readonly parameters: Uint8Array
  readonly restartLines: number
}

/**
 * The data of the scan without bytes that no decoder reads.
 * @param start first byte after the scan's header
 * @returns pieces of data, and where the walk ended
 * @error cannot-deidentify, decode-failed, pixel-data-too-short
 */
export function walkJpegLsScan(
  bytes: Uint8Array,
  start: number,
  { frame: { Rows, Columns, precision }, given, count, parameters, restartLines }: JpegLsScanHeader,
): { readonly pieces: readonly Uint8Array[]; readonly end: number } {
  const [near, interleave, transform] = [parameters[0]!, parameters[1]!, parameters[2]!]
  if (transform !== 0 || interleave > 2 || (count > 1 && interleave === 0)) throw unwalkable('jpeg-ls scan')
  if (precision < 2 || precision > 16) throw unwalkable('jpeg-ls precision')
  const samples = new Uint16Array(Rows * Columns * count)
  const target = { samples, Rows, Columns, stride: count, first: 0, count }
  const scan = new JpegLsScan(bytes, start, presetOf(given, precision, near), near, target, restartLines)
  const end = scan.decode(interleave === 2 && count > 1)
  const pieces = scan.segments.flatMap((segment, index) => [
    ...(index > 0 ? [bytes.subarray(segment.start - 2, segment.start)] : []),
    ...segmentPieces(bytes, segment),
  ])
  return { pieces, end }
}

/** The data of a segment up to the last bit. The remaining bits of the last byte are zeros. */
function segmentPieces(
  bytes: Uint8Array,
  { start, bits }: { readonly start: number; readonly bits: number },
): Uint8Array[] {
  const { end, left } = endOfBits(bytes, start, bits, 7)
  if (end === start) return []
  const last = (bytes[end - 1]! >> left) << left
  // After a byte of ones the next byte would be read as a marker, so a zero is written between them.
  return [bytes.subarray(start, end - 1), last === 0xff ? Uint8Array.of(last, 0) : Uint8Array.of(last)]
}
