/**
 * Reads Part 10 files and bare data sets into positions of elements (PS3.10 section 7, PS3.5 section 7). Hostile input
 * leads to an error, and cannot use up memory or time.
 */
import { plainBytes } from '../bytes.ts'
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomElement, DicomFile, Tag } from './dataset.ts'
import { tagText } from './dictionary.ts'
import { parseElements, type ElementsOptions } from './parse-elements.ts'
import { codedSyntax } from './pixels/coded-syntax.ts'
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, transferSyntax } from './transfer-syntax.ts'
import { number } from './values.ts'

export interface ParseOptions {
  /** Stops before float, double or integer pixel data of the top level. */
  readonly stopAtPixelData?: boolean
  /** Stops before the first element of the top level that has this tag or a higher one. */
  readonly untilTag?: Tag
  /** Leaves private elements out of the data set. They are still checked for errors. */
  readonly skipPrivate?: boolean
  /**
   * When an element extends beyond the end of the bytes, the data set ends before it and is marked as truncated,
   * instead of an error. It is used to list what a damaged file was.
   */
  readonly salvage?: boolean
  /**
   * Inflates raw deflate data to at most `limit` bytes.
   * @error deflate-broken
   */
  readonly inflate?: (deflated: Uint8Array, limit: number) => Uint8Array
  /** The maximum size of an inflated data set, in bytes. */
  readonly inflateLimit?: number
}

/**
 * The maximum size of an inflated data set in bytes. A deflated CT image of a few hundred frames fits, and a
 * decompression bomb stops here.
 */
export const INFLATE_LIMIT = 128 * 1024 * 1024
/**
 * The size in bytes to which even a small file may inflate. A larger file may inflate to a hundred times its own size,
 * because deflate shrinks images to a third and masks to a hundredth of their size.
 */
const SMALL_FILE_LIMIT = 32 * 1024 * 1024
const MAX_EXPANSION = 100
const META_LIMIT = 64 * 1024

/**
 * Reads a file or the head of one.
 * @param fileBytes the whole file, or enough of its head for the options
 * @error file-empty, not-dicom, truncated, bad-length, bad-element, nested-too-deep, deflate-broken,
 * unsupported-transfer-syntax
 * @see PS3.10 section 7
 */
export function parseDicom(fileBytes: Uint8Array, options: ParseOptions = {}): DicomFile {
  const bytes = plainBytes(fileBytes)
  if (bytes.length === 0) throw new OutpostError('file-empty')
  const start = metaStart(bytes)
  const meta = start === null ? null : parseMeta(bytes, start)
  let position = start === null ? 0 : meta ? meta.end : start
  let TransferSyntaxUID = meta?.TransferSyntaxUID ?? ''
  if (start !== null && position >= bytes.length) throw new OutpostError('truncated', { at: position })

  let data = bytes
  if (transferSyntax(TransferSyntaxUID).deflated) {
    if (!options.inflate) throw new OutpostError('unsupported-transfer-syntax', { TransferSyntaxUID })
    data = options.inflate(
      bytes.subarray(position),
      options.inflateLimit ?? Math.min(INFLATE_LIMIT, Math.max(SMALL_FILE_LIMIT, bytes.length * MAX_EXPANSION)),
    )
    position = 0
  }
  const encoding = encodingAt(data, position, TransferSyntaxUID, start !== null)
  if (!TransferSyntaxUID)
    TransferSyntaxUID = encoding.explicitVR ? (encoding.littleEndian ? EXPLICIT_LITTLE : EXPLICIT_BIG) : IMPLICIT_LITTLE
  const parsed = readElements(data, position, start !== null, {
    ...encoding,
    stopAtPixelData: options.stopAtPixelData === true,
    untilTag: options.untilTag ?? Infinity,
    skipPrivate: options.skipPrivate === true,
  })
  // Without a preamble any bytes may look like a few elements. Bytes without an element of the first groups of the
  // standard are not DICOM.
  if (start === null && !looksLikeDataset(parsed.dataset)) throw new OutpostError('not-dicom')
  if (parsed.failure && (!options.salvage || parsed.dataset.elements.size === 0)) throw parsed.failure
  return {
    meta: meta?.dataset ?? null,
    dataset: parsed.dataset,
    TransferSyntaxUID: syntaxOfFragments(parsed.dataset, TransferSyntaxUID),
    partial: parsed.partial,
    truncated: parsed.truncated || parsed.failure !== null,
    ...(parsed.pixelData && { pixelData: parsed.pixelData }),
  }
}

/**
 * The real transfer syntax of a file that has fragments although it names an uncompressed syntax; the named syntax when
 * the fragments are of no known kind.
 */
function syntaxOfFragments(dataset: DicomDataset, namedSyntax: string): string {
  const fragment = dataset.elements.get(0x7fe00010)?.fragments?.[0]
  if (!fragment || transferSyntax(namedSyntax).pixels !== 'native' || !dataset.littleEndian) return namedSyntax
  const [Rows = 0, Columns = 0, SamplesPerPixel = 1, BitsAllocated = 8] = [
    0x00280010, 0x00280011, 0x00280002, 0x00280100,
  ].map((tag) => number(dataset, tag))
  const segments = SamplesPerPixel * Math.ceil(BitsAllocated / 8)
  const frameBytes = Math.ceil((Rows * Columns * SamplesPerPixel * BitsAllocated) / 8)
  const bytes = dataset.bytes.subarray(fragment.start, fragment.start + fragment.length)
  return codedSyntax(bytes, segments, frameBytes) ?? namedSyntax
}

/** Reads the elements. When those of a file without a prefix are unreadable, the file is not DICOM. */
function readElements(
  bytes: Uint8Array,
  position: number,
  part10: boolean,
  options: ElementsOptions,
): ReturnType<typeof parseElements> {
  try {
    return parseElements(bytes, position, options)
  } catch (error) {
    if (
      part10 ||
      !(error instanceof OutpostError) ||
      looksLikeDataset(parseElements(bytes, position, { ...options, untilTag: 0x00100000 }).dataset)
    )
      throw error
    throw new OutpostError('not-dicom', {}, { cause: error })
  }
}

/**
 * The position of the File Meta Information: after preamble and prefix, or at the start where a writer left those out;
 * null for a bare data set.
 */
function metaStart(bytes: Uint8Array): number | null {
  const prefixAt = (at: number): boolean =>
    bytes[at] === 0x44 && bytes[at + 1] === 0x49 && bytes[at + 2] === 0x43 && bytes[at + 3] === 0x4d
  if (prefixAt(128)) return 132
  if (prefixAt(0)) return 4
  return bytes[0] === 2 && bytes[1] === 0 && bytes[3] === 0 && bytes.length > 12 ? 0 : null
}

interface Meta {
  readonly dataset: DicomDataset
  readonly end: number
  readonly TransferSyntaxUID: string
}

/**
 * Reads group 0002, which is in explicit, seldom implicit, little endian. Its group length is ignored, because writers
 * get it wrong.
 */
function parseMeta(bytes: Uint8Array, start: number): Meta | null {
  if (start + 8 > bytes.length) throw new OutpostError('truncated', { at: start })
  if (bytes[start] !== 2 || bytes[start + 1] !== 0) return null
  const explicitVR = isUpper(bytes[start + 4]) && isUpper(bytes[start + 5])
  const { dataset, end, failure } = parseElements(bytes, start, {
    littleEndian: true,
    explicitVR,
    stopAtPixelData: false,
    untilTag: 0x00030000,
    firstCounts: true,
    limit: Math.min(bytes.length, start + META_LIMIT),
  })
  if (failure) throw failure
  const element = dataset.elements.get(0x00020010)
  return { dataset, end, TransferSyntaxUID: element ? asciiOf(bytes, element) : '' }
}

interface Encoding {
  readonly littleEndian: boolean
  readonly explicitVR: boolean
}

/**
 * The real encoding of the data set, because some writers name one transfer syntax and write another. The first element
 * shows it: read as a length, the letters of its VR would be 16 KiB at least, and its group is below 0x0100 when it is
 * read in the right byte order.
 */
function encodingAt(bytes: Uint8Array, position: number, TransferSyntaxUID: string, part10: boolean): Encoding {
  const namedSyntax = transferSyntax(TransferSyntaxUID)
  if (position + 8 > bytes.length) throw new OutpostError(part10 ? 'truncated' : 'not-dicom', { at: position })
  const hasVrLetters = isUpper(bytes[position + 4]) && isUpper(bytes[position + 5])
  if (TransferSyntaxUID && (namedSyntax.littleEndian || bytes[position] === 0)) {
    const { littleEndian } = namedSyntax
    // The letters of the first element may be damaged. Its length then does not fit an implicit element.
    const explicitVR = hasVrLetters || (namedSyntax.explicitVR && !isImplicit(bytes, position, littleEndian))
    return { littleEndian, explicitVR }
  }
  const littleEndian = !(bytes[position] === 0 && bytes[position + 1] !== 0)
  return { littleEndian, explicitVR: hasVrLetters }
}

/** Whether a higher tag follows the element at a position when its length is read as that of an implicit element. */
function isImplicit(bytes: Uint8Array, position: number, littleEndian: boolean): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tagAt = (at: number): number =>
    view.getUint16(at, littleEndian) * 0x10000 + view.getUint16(at + 2, littleEndian)
  const length = view.getUint32(position + 4, littleEndian)
  const next = position + 8 + length
  if (length === 0xffffffff || next === bytes.length) return true
  return next + 8 <= bytes.length && tagAt(next) > tagAt(position) && tagAt(next) >>> 16 < 0x7fe1
}

function looksLikeDataset(dataset: DicomDataset): boolean {
  let elementsOfCommonGroups = 0
  for (const tag of dataset.elements.keys()) {
    const group = tag >>> 16
    if (group === 0x0008 || group === 0x0010 || group === 0x0018 || group === 0x0020 || group === 0x0028)
      elementsOfCommonGroups++
  }
  return elementsOfCommonGroups > 0
}

function isUpper(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a
}

function asciiOf(bytes: Uint8Array, element: DicomElement): string {
  if (element.valueLength > 256) throw new OutpostError('bad-length', { element: tagText(element.tag) })
  return String.fromCharCode(...bytes.subarray(element.valueStart, element.valueStart + element.valueLength)).replace(
    /[\0 ]+$/,
    '',
  )
}
