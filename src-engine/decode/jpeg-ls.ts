/**
 * Decodes JPEG-LS (ISO 14495-1), lossless and near-lossless. Every loop is limited by the size of the frame, so that a
 * damaged codestream cannot block the process.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { presetOf, readPreset, type JpegLsPreset } from '../../src-core/dicom/codestreams/jpeg-ls-preset.ts'
import { JpegLsScan } from '../../src-core/dicom/codestreams/jpeg-ls-scan.ts'
import { freshMemory } from '../../src-core/dicom/pixels/memory.ts'
import { frameSamples, segmentAt, type LosslessFrame } from './jpeg-segments.ts'

const failed = (reason: string): OutpostError => new OutpostError('decode-failed', { reason: `jpeg-ls ${reason}` })

/**
 * Decodes a codestream.
 * @param frame the header of the codestream
 * @returns samples in little endian, colour by pixel, one byte each up to 8 bits and two bytes above
 * @error decode-failed, pixel-data-too-short
 * @see ISO 14495-1 Annex A (decoding), Annex C (markers)
 */
export function decodeJpegLs(bytes: Uint8Array, frame: LosslessFrame, allocate = freshMemory): Uint8Array {
  const { Rows, Columns, components, precision } = frame
  const { decoded, samples } = frameSamples(frame, allocate, failed)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let statedPreset: Partial<JpegLsPreset> = {}
  let restartLines = 0
  let decodedComponents = 0
  let position = 2
  while (decodedComponents < components) {
    const segment = segmentAt(bytes, position, failed)
    if (!segment) break
    const { marker, at, length, end } = segment
    position = end
    if (marker === 0xf8) statedPreset = readPreset(view, at + 4, end)
    if (marker === 0xdd)
      restartLines =
        length === 4 ? view.getUint16(at + 4) : length === 6 ? view.getUint32(at + 4) : unsupported('restart')
    // Colour transforms of one vendor, which DICOM does not allow.
    if (marker === 0xe8 && length >= 7 && view.getUint32(at + 4) === 0x6d726678 && bytes[at + 8] !== 0)
      unsupported('colour transform')
    if (marker !== 0xda) continue
    const count = bytes[at + 4]!
    if (length !== 6 + 2 * count || count < 1 || decodedComponents + count > components) throw failed('scan')
    for (let i = 0; i < count; i++) if (bytes[at + 6 + 2 * i] !== 0) unsupported('mapping table')
    const [NEAR, interleave, transform] = [bytes[end - 3]!, bytes[end - 2]!, bytes[end - 1]!]
    if (transform !== 0) unsupported('point transform')
    if (count > 1 ? interleave !== 1 && interleave !== 2 : interleave > 2) throw failed('interleave')
    const scan = new JpegLsScan(
      bytes,
      end,
      presetOf(statedPreset, precision, NEAR),
      NEAR,
      { samples, Rows, Columns, stride: components, first: decodedComponents, count },
      restartLines,
    )
    position = scan.decode(count > 1 && interleave === 2)
    decodedComponents += count
  }
  if (decodedComponents < components) throw new OutpostError('pixel-data-too-short', { reason: 'jpeg-ls scans' })
  return decoded
}

function unsupported(what: string): never {
  throw failed(what)
}
