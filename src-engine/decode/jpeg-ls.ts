/**
 * JPEG-LS (ISO 14495-1), lossless and near-lossless: every loop is bounded by the frame, so that no codestream, however
 * damaged, can hold a process up.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { freshMemory } from '../../src-core/dicom/pixels/memory.ts'
import { frameSamples, segmentAt, type LosslessFrame } from './jpeg-segments.ts'
import { JpegLsScan, type JpegLsPreset } from './jpeg-ls-scan.ts'

const failed = (reason: string): OutpostError => new OutpostError('decode-failed', { reason: `jpeg-ls ${reason}` })

/**
 * @param frame as the codestream's header says
 * @returns samples little endian, colour by pixel, a byte each up to 8 bits and two above
 * @error decode-failed, pixel-data-too-short
 * @see ISO 14495-1 Annex A (decoding), Annex C (markers)
 */
export function decodeJpegLs(bytes: Uint8Array, frame: LosslessFrame, allocate = freshMemory): Uint8Array {
  const { Rows, Columns, components, precision } = frame
  const { decoded, samples } = frameSamples(frame, allocate, failed)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let given: Partial<JpegLsPreset> = {}
  let restartLines = 0
  let done = 0
  let position = 2
  while (done < components) {
    const segment = segmentAt(bytes, position, failed)
    if (!segment) break
    const { marker, at, length, end } = segment
    position = end
    if (marker === 0xf8) given = readPreset(view, at + 4, end) ?? given
    if (marker === 0xdd)
      restartLines =
        length === 4 ? view.getUint16(at + 4) : length === 6 ? view.getUint32(at + 4) : unsupported('restart')
    // Colour transforms of one vendor, which DICOM has no place for.
    if (marker === 0xe8 && length >= 7 && view.getUint32(at + 4) === 0x6d726678 && bytes[at + 8] !== 0)
      unsupported('colour transform')
    if (marker !== 0xda) continue
    const count = bytes[at + 4]!
    if (length !== 6 + 2 * count || count < 1 || done + count > components) throw failed('scan')
    for (let i = 0; i < count; i++) if (bytes[at + 6 + 2 * i] !== 0) unsupported('mapping table')
    const [NEAR, interleave, transform] = [bytes[end - 3]!, bytes[end - 2]!, bytes[end - 1]!]
    if (transform !== 0) unsupported('point transform')
    if (count > 1 ? interleave !== 1 && interleave !== 2 : interleave > 2) throw failed('interleave')
    const scan = new JpegLsScan(
      bytes,
      end,
      presetOf(given, precision, NEAR),
      NEAR,
      { samples, Rows, Columns, stride: components, first: done, count },
      restartLines,
    )
    position = scan.decode(count > 1 && interleave === 2)
    done += count
  }
  if (done < components) throw new OutpostError('pixel-data-too-short', { reason: 'jpeg-ls scans' })
  return decoded
}

function unsupported(what: string): never {
  throw failed(what)
}

/**
 * LSE: preset parameters (id 1), of which 0 means the usual value; tables and large sizes are not for images of DICOM.
 */
function readPreset(view: DataView, at: number, end: number): Partial<JpegLsPreset> | null {
  const id = at < end ? view.getUint8(at) : 0
  if (id !== 1) return unsupported('preset')
  if (end - at < 11) throw failed('preset')
  const [MAXVAL = 0, T1 = 0, T2 = 0, T3 = 0, RESET = 0] = [1, 3, 5, 7, 9].map((offset) => view.getUint16(at + offset))
  return { MAXVAL, T1, T2, T3, RESET }
}

/** @see ISO 14495-1 C.2.4.1.1 */
function presetOf(given: Partial<JpegLsPreset>, precision: number, NEAR: number): JpegLsPreset {
  const MAXVAL = given.MAXVAL || 2 ** precision - 1
  if (MAXVAL >= 2 ** precision || NEAR > Math.min(255, MAXVAL >> 1)) throw failed('preset')
  const clamp = (value: number, least: number): number => (value > MAXVAL || value < least ? least : value)
  const large = (Math.min(MAXVAL, 4095) + 128) >> 8
  const small = Math.floor(256 / (MAXVAL + 1))
  const usual = (base: number, low: number): number =>
    MAXVAL >= 128 ? large * (base - low) + low : Math.max(low, Math.floor(base / small))
  const T1 = given.T1 || clamp(usual(3, 2) + 3 * NEAR, NEAR + 1)
  const T2 = given.T2 || clamp(usual(7, 3) + 5 * NEAR, T1)
  const T3 = given.T3 || clamp(usual(21, 4) + 7 * NEAR, T2)
  const RESET = given.RESET || 64
  if (T1 < NEAR + 1 || T2 < T1 || T3 < T2 || T3 > MAXVAL || RESET < 3) throw failed('preset')
  return { MAXVAL, T1, T2, T3, RESET }
}
