/**
 * Decodes lossless JPEG (ISO 10918-1 process 14, Annex H), where a sample is predicted from its neighbours and the
 * difference has a Huffman code.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { entropyBits, type EntropyBits } from '../../src-core/dicom/codestreams/entropy-bits.ts'
import { freshMemory } from '../../src-core/dicom/pixels/memory.ts'
import { frameSamples, segmentAt, type LosslessFrame } from './jpeg-segments.ts'
import { LosslessHuffman } from './lossless-huffman.ts'

const failed = (reason: string): OutpostError =>
  new OutpostError('decode-failed', { reason: `jpeg lossless ${reason}` })

/**
 * Decodes a codestream.
 * @param frame the header of the codestream
 * @returns samples in little endian, colour by pixel, one byte each up to 8 bits and two bytes above; null when
 * components differ in their sampling
 * @error decode-failed, pixel-data-too-short
 * @see ISO 10918-1 B.2 (markers), H.2 (decoding)
 */
export function decodeJpegLossless(bytes: Uint8Array, frame: LosslessFrame, allocate = freshMemory): Uint8Array | null {
  const { Rows, Columns, components, precision } = frame
  const { decoded, samples } = frameSamples(frame, allocate, failed)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tables = new Map<number, HuffmanCodes>()
  const ids: number[] = []
  let restartInterval = 0
  const decodedComponents = new Set<number>()
  let position = 2
  while (decodedComponents.size < components) {
    const segment = segmentAt(bytes, position, failed)
    if (!segment) break
    const { marker, at, length, end } = segment
    position = end
    if (marker === 0xc3) {
      for (let i = 0; i < components; i++) {
        ids.push(bytes[at + 10 + 3 * i]!)
        if (bytes[at + 11 + 3 * i] !== 0x11) return null
      }
    }
    if (marker === 0xc4) readTables(bytes, at + 4, end, tables)
    if (marker === 0xdd && length === 4) restartInterval = view.getUint16(at + 4)
    if (marker !== 0xda) continue
    const count = bytes[at + 4]!
    const first = ids.indexOf(bytes[at + 5]!)
    if (length !== 6 + 2 * count || first < 0 || first + count > components || (count !== 1 && count !== components))
      throw failed('scan')
    // A component that is coded twice would leave another component with the former content of the memory.
    for (let component = first; component < first + count; component++) {
      if (decodedComponents.has(component)) throw failed('scan')
      decodedComponents.add(component)
    }
    const codes = Array.from(
      { length: count },
      (_, i) => tables.get(bytes[at + 6 + 2 * i]! >> 4) ?? throwFailed('table'),
    )
    const [predictor, shift] = [bytes[end - 3]!, bytes[end - 1]! & 15]
    if (predictor < 1 || predictor > 7 || shift >= precision || restartInterval % Columns !== 0) throw failed('scan')
    const lines = {
      samples,
      Rows,
      rowLength: Columns * components,
      stride: components,
      first,
      step: count === 1 ? components : 1,
      initial: 1 << (precision - shift - 1),
    }
    position = decodeScan(
      bytes,
      end,
      lines,
      codes.map(({ counts, sizes }) => new LosslessHuffman(counts, sizes)),
      predictor,
      restartInterval / Columns,
    )
    if (shift > 0) for (let i = first; i < samples.length; i += lines.step) samples[i]! <<= shift
  }
  if (decodedComponents.size < components)
    throw new OutpostError('pixel-data-too-short', { reason: 'jpeg lossless scans' })
  return decoded
}

function throwFailed(what: string): never {
  throw failed(what)
}

/** The codes of a DHT segment. A lookup table is built only for those that a scan uses. */
interface HuffmanCodes {
  readonly counts: Uint8Array
  readonly sizes: Uint8Array
}

function readTables(bytes: Uint8Array, start: number, end: number, tables: Map<number, HuffmanCodes>): void {
  for (let at = start; at + 17 <= end; ) {
    const counts = bytes.subarray(at + 1, at + 17)
    const symbols = counts.reduce((sum, count) => sum + count, 0)
    if (at + 17 + symbols > end) throw failed('table')
    tables.set(bytes[at]!, { counts, sizes: bytes.subarray(at + 17, at + 17 + symbols) })
    at += 17 + symbols
  }
}

interface Lines {
  readonly samples: Uint8Array | Uint16Array
  readonly Rows: number
  /** The number of samples in a row, of all components. */
  readonly rowLength: number
  /** The distance from a sample to its neighbour in the same component. */
  readonly stride: number
  /** The position of the scan's first sample in a row, and the distance from one sample to the next. */
  readonly first: number
  readonly step: number
  /** The prediction for the first sample of a segment. */
  readonly initial: number
}

/**
 * Decodes a scan.
 * @param restartRows the number of rows after which a segment ends; 0 when there is one segment
 * @returns the position where the scan ends
 */
function decodeScan(
  bytes: Uint8Array,
  start: number,
  lines: Lines,
  tables: readonly LosslessHuffman[],
  predictor: number,
  restartRows: number,
): number {
  const { Rows, rowLength, stride, first } = lines
  let segment = entropyBits(bytes, start, 0)
  let position = 0
  for (let row = 0; row < Rows; row++) {
    const restarts = restartRows > 0 && row > 0 && row % restartRows === 0
    if (restarts) {
      const marker = bytes[segment.end + 1] ?? 0
      if (marker < 0xd0 || marker > 0xd7) throw failed('restart')
      segment = entropyBits(bytes, segment.end + 2, 0)
      position = 0
    }
    // The first sample of a row is predicted from the one above. The first row of a segment is predicted from the left
    // only (H.1.2.1).
    const isFirst = row === 0 || restarts
    const from = row * rowLength + first
    const end = (row + 1) * rowLength
    position = decodeSamples(segment, position, lines, tables, from, row * rowLength + stride, isFirst ? 0 : 2)
    if (tables.length === 1 && (isFirst || predictor === 1))
      position = decodeFromLeft(segment, position, lines, tables[0]!, from + stride, end)
    else position = decodeSamples(segment, position, lines, tables, from + stride, end, isFirst ? 1 : predictor)
  }
  return segment.end
}

/** Like decodeSamples with predictor 1 for one component, which nearly all files use, in two thirds of the time. */
function decodeFromLeft(
  { words, length }: EntropyBits,
  start: number,
  { samples, stride, step }: Lines,
  table: LosslessHuffman,
  from: number,
  to: number,
): number {
  const { short } = table
  let index = start >>> 5
  let shift = start & 31
  let word = words[index]!
  let next = words[index + 1]!
  let left = samples[from - stride]!
  for (let at = from; at < to; at += step) {
    const window = (word << shift) | ((next >>> 1) >>> (31 - shift))
    let code = short[window >>> 20]!
    if (code === 0) code = table.long(window)
    shift += code & 63
    if (shift > 31) {
      shift -= 32
      word = next
      next = words[++index + 1]!
      if (index * 32 > length) throw tooShort()
    }
    left = (left + (code >> 6)) & 0xffff
    samples[at] = left
  }
  if (index * 32 + shift > length) throw tooShort()
  return index * 32 + shift
}

/**
 * Decodes samples from one index up to another by one predictor (Table H.1; 0 means the initial value).
 * @returns the position after their bits
 */
function decodeSamples(
  { words, length }: EntropyBits,
  start: number,
  { samples, rowLength, stride, step, initial }: Lines,
  tables: readonly LosslessHuffman[],
  from: number,
  to: number,
  predictor: number,
): number {
  let table = tables[0]!
  let component = 0
  // The next 32 bits are in these two words; `shift` is how many bits of the first one were read.
  let index = start >>> 5
  let shift = start & 31
  let word = words[index]!
  let next = words[index + 1]!
  for (let at = from; at < to; at += step) {
    if (tables.length > 1) {
      table = tables[component]!
      component = component + 1 === tables.length ? 0 : component + 1
    }
    const window = (word << shift) | ((next >>> 1) >>> (31 - shift))
    const code = table.short[window >>> 20]! || table.long(window)
    shift += code & 63
    if (shift > 31) {
      shift -= 32
      word = next
      next = words[++index + 1]!
      if (index * 32 > length) throw tooShort()
    }
    let predicted = initial
    switch (predictor) {
      case 1:
        predicted = samples[at - stride]!
        break
      case 2:
        predicted = samples[at - rowLength]!
        break
      case 3:
        predicted = samples[at - rowLength - stride]!
        break
      case 4:
        predicted = samples[at - stride]! + samples[at - rowLength]! - samples[at - rowLength - stride]!
        break
      case 5:
        predicted = samples[at - stride]! + ((samples[at - rowLength]! - samples[at - rowLength - stride]!) >> 1)
        break
      case 6:
        predicted = samples[at - rowLength]! + ((samples[at - stride]! - samples[at - rowLength - stride]!) >> 1)
        break
      case 7:
        predicted = (samples[at - stride]! + samples[at - rowLength]!) >> 1
        break
    }
    // The array stores the sum modulo 2^16, or modulo 2^8 for bytes.
    samples[at] = predicted + (code >> 6)
  }
  if (index * 32 + shift > length) throw tooShort()
  return index * 32 + shift
}

function tooShort(): OutpostError {
  return new OutpostError('pixel-data-too-short', { reason: 'jpeg lossless' })
}
