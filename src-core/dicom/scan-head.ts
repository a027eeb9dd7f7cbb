/**
 * Finds a fixed list of attributes in the head of a file without making an object for each element, so that many files
 * can be indexed quickly.
 */
import type { Tag } from './dataset.ts'
import { EXPLICIT_LITTLE, IMPLICIT_LITTLE, transferSyntax } from './transfer-syntax.ts'

const UNDEFINED = 0xffffffff
const PIXEL_DATA = 0x7fe00010

/** The positions of the wanted values. One object is used for all files in turn. */
export interface HeadValues {
  /** The bytes in which `starts` counts. */
  bytes: Uint8Array
  /** The position of each wanted value, by its index in the list; -1 when the element is missing. */
  readonly starts: Int32Array
  readonly lengths: Int32Array
  /** The position of the value of the pixel data that ends the head; -1 when there is none. */
  pixelStart: number
  /** The declared length; 0xFFFFFFFF for undefined length. */
  pixelLength: number
  TransferSyntaxUID: string
  littleEndian: boolean
}

export type ScanOutcome =
  /** Every wanted element was found. Position and length of native pixel data are unknown. */
  | 'seen'
  /** Every wanted element was found, and the pixel data, if there is any. */
  | 'done'
  /** The bytes end before the head does. */
  | 'more'
  /** The file is not of the common form; parseDicom must read it. */
  | 'unusual'

export function headValues(wanted: number): HeadValues {
  return {
    bytes: new Uint8Array(0),
    starts: new Int32Array(wanted),
    lengths: new Int32Array(wanted),
    pixelStart: -1,
    pixelLength: 0,
    TransferSyntaxUID: '',
    littleEndian: true,
  }
}

/** An ascending list of wanted tags. */
export interface WantedTags {
  readonly tags: readonly Tag[]
  readonly count: number
}

/** @param tags ascending, without duplicates */
export function wantedTags(tags: readonly Tag[]): WantedTags {
  return { tags, count: tags.length }
}

/**
 * Scans Part 10 files with a preamble that are little endian, not deflated, and have ascending tags. All others are
 * unusual.
 * @param length how many of the bytes hold the file
 * @param whole whether these are all bytes of the file
 * @param toPixels whether to go on to native pixel data after every wanted element was found; encapsulated pixel data
 * is always searched for
 */
export function scanHead(
  bytes: Uint8Array,
  length: number,
  whole: boolean,
  wanted: WantedTags,
  values: HeadValues,
  toPixels: boolean,
): ScanOutcome {
  if (length < 160 || bytes[128] !== 0x44 || bytes[129] !== 0x49 || bytes[130] !== 0x43 || bytes[131] !== 0x4d)
    return 'unusual'
  values.bytes = bytes
  values.starts.fill(-1)
  values.pixelStart = -1
  values.littleEndian = true
  let position = 132
  let TransferSyntaxUID = ''
  while (position + 12 <= length && bytes[position] === 2 && bytes[position + 1] === 0) {
    const element = bytes[position + 2]! | (bytes[position + 3]! << 8)
    const first = bytes[position + 4]!
    const second = bytes[position + 5]!
    const long = first === 0x4f || (first === 0x55 && (second === 0x4e || second === 0x54))
    if (first < 0x41 || first > 0x5a || second < 0x41 || second > 0x5a) return 'unusual'
    const size = long ? uint32(bytes, position + 8) : bytes[position + 6]! | (bytes[position + 7]! << 8)
    const start = position + (long ? 12 : 8)
    // A second File Meta Information is ignored.
    if (element === 0x10 && TransferSyntaxUID === '' && start + size <= length)
      TransferSyntaxUID = commonSyntax(bytes, start, size)
    position = start + size
  }
  if (position + 12 > length) return whole ? 'unusual' : 'more'
  const syntax = transferSyntax(TransferSyntaxUID)
  if (TransferSyntaxUID === '' || syntax.deflated || !syntax.littleEndian) return 'unusual'
  const hasVrLetters =
    bytes[position + 4]! >= 0x41 &&
    bytes[position + 4]! <= 0x5a &&
    bytes[position + 5]! >= 0x41 &&
    bytes[position + 5]! <= 0x5a
  if (hasVrLetters !== syntax.explicitVR) return 'unusual'
  values.TransferSyntaxUID = TransferSyntaxUID
  const last = toPixels || syntax.pixels !== 'native' ? UNDEFINED : wanted.tags[wanted.count - 1]!
  const outcome = scanElements(bytes, position, length, syntax.explicitVR, last, wanted, values)
  return outcome === 'more' && whole ? 'unusual' : outcome
}

function scanElements(
  bytes: Uint8Array,
  from: number,
  length: number,
  explicitVR: boolean,
  last: number,
  wanted: WantedTags,
  values: HeadValues,
): ScanOutcome {
  const { tags, count } = wanted
  let position = from
  let next = 0
  let nextTag = tags[0]!
  let previous = 0
  while (position + 12 <= length) {
    const tag =
      (bytes[position]! | (bytes[position + 1]! << 8)) * 0x10000 + (bytes[position + 2]! | (bytes[position + 3]! << 8))
    if (tag <= previous) return 'unusual'
    previous = tag
    if (tag > last) return 'seen'
    let size: number
    let start: number
    if (explicitVR) {
      const first = bytes[position + 4]!
      const second = bytes[position + 5]!
      if (first < 0x41 || first > 0x5a || second < 0x41 || second > 0x5a) return 'unusual'
      if (isLong(first, second)) {
        size = uint32(bytes, position + 8)
        start = position + 12
      } else {
        size = bytes[position + 6]! | (bytes[position + 7]! << 8)
        start = position + 8
      }
    } else {
      size = uint32(bytes, position + 4)
      start = position + 8
    }
    if (tag >= 0x7fe00008) {
      if (tag === PIXEL_DATA || tag === 0x7fe00008 || tag === 0x7fe00009) {
        values.pixelStart = start
        values.pixelLength = size
      }
      return 'done'
    }
    while (next < count && nextTag < tag) nextTag = tags[++next] ?? UNDEFINED
    if (size === UNDEFINED) {
      const end = skipSequence(bytes, start, length, 0)
      if (end < 0) return end === -1 ? 'more' : 'unusual'
      position = end
      continue
    }
    if (nextTag === tag) {
      if (start + size > length) return 'more'
      values.starts[next] = start
      values.lengths[next] = size
    }
    position = start + size
  }
  return 'more'
}

/** Whether the VR has a 32-bit length: OB OD OF OL OV OW, SQ, SV, UC UN UR UT UV. */
function isLong(first: number, second: number): boolean {
  if (first === 0x4f) return true
  if (first === 0x53) return second === 0x51 || second === 0x56
  return first === 0x55 && second !== 0x49 && second !== 0x4c && second !== 0x53
}

/**
 * Skips a sequence of undefined length.
 * @returns the position after it; -1 when the bytes end first; -2 when its items do not have defined lengths
 */
function skipSequence(bytes: Uint8Array, from: number, length: number, depth: number): number {
  if (depth > 8) return -2
  let position = from
  while (position + 8 <= length) {
    if (bytes[position] !== 0xfe || bytes[position + 1] !== 0xff) return -2
    const low = bytes[position + 2]! | (bytes[position + 3]! << 8)
    const size = uint32(bytes, position + 4)
    position += 8
    if (low === 0xe0dd) return position
    if (low !== 0xe000) return -2
    // An item of undefined length can be skipped only by reading its elements, which parseDicom does.
    if (size === UNDEFINED) return -2
    position += size
  }
  return -1
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

const EXPLICIT_LENGTH = EXPLICIT_LITTLE.length
/** The value as text. For the two most common syntaxes no new string is made. */
function commonSyntax(bytes: Uint8Array, start: number, size: number): string {
  let end = start + size
  while (end > start && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end--
  if (end - start === EXPLICIT_LENGTH && bytes[end - 1] === 0x31 && bytes[end - 3] === 0x32) return EXPLICIT_LITTLE
  if (end - start === IMPLICIT_LITTLE.length && bytes[end - 1] === 0x32) return IMPLICIT_LITTLE
  let text = ''
  for (let at = start; at < end && at < start + 64; at++) text += String.fromCharCode(bytes[at]!)
  return text
}
