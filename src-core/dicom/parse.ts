/**
 * Reads Part 10 files and bare data sets into positions (PS3.10 section 7, PS3.5 section 7). Hostile input costs an
 * error, never memory or time.
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
  /** Stop before float, double or integer pixel data of the top level. */
  readonly stopAtPixelData?: boolean
  /** Stop before the first element of the top level with this tag or a higher one. */
  readonly untilTag?: Tag
  /** Leave private elements out of the data set, for who would drop them anyway; they are checked all the same. */
  readonly skipPrivate?: boolean
  /**
   * An element past the end of the bytes ends the data set (which says that it is truncated) instead of failing: for
   * listing what a damaged file was.
   */
  readonly salvage?: boolean
  /** Raw inflate to at most limit bytes. @error deflate-broken */
  readonly inflate?: (deflated: Uint8Array, limit: number) => Uint8Array
  /** Most bytes that a deflated data set may become. */
  readonly inflateLimit?: number
}

/** A deflated CT study of a few hundred frames fits; a bomb of zeros does not get further than this. */
export const INFLATE_LIMIT = 128 * 1024 * 1024
/**
 * Images shrink by deflating to a third, masks to a hundredth: a small file may become so many bytes, or a hundred
 * times its own, if that is more.
 */
const SMALL_FILE_LIMIT = 32 * 1024 * 1024
const MOST_EXPANSION = 100
const META_LIMIT = 64 * 1024

/**
 * @param given the whole file, or as much of its head as holds what is asked for
 * @error file-empty, not-dicom, truncated, bad-length, bad-element, nested-too-deep, deflate-broken,
 * unsupported-transfer-syntax
 * @see PS3.10 section 7
 */
export function parseDicom(given: Uint8Array, options: ParseOptions = {}): DicomFile {
  const bytes = plainBytes(given)
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
      options.inflateLimit ?? Math.min(INFLATE_LIMIT, Math.max(SMALL_FILE_LIMIT, bytes.length * MOST_EXPANSION)),
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
  // Without a preamble anything may pass for a few elements: what has no element of the standard's first groups is
  // something else.
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

/** What codes the fragments of a file that names an uncompressed syntax; as named, where nothing known does. */
function syntaxOfFragments(dataset: DicomDataset, named: string): string {
  const fragment = dataset.elements.get(0x7fe00010)?.fragments?.[0]
  if (!fragment || transferSyntax(named).pixels !== 'native' || !dataset.littleEndian) return named
  const [Rows = 0, Columns = 0, SamplesPerPixel = 1, BitsAllocated = 8] = [
    0x00280010, 0x00280011, 0x00280002, 0x00280100,
  ].map((tag) => number(dataset, tag))
  const segments = SamplesPerPixel * Math.ceil(BitsAllocated / 8)
  const frameBytes = Math.ceil((Rows * Columns * SamplesPerPixel * BitsAllocated) / 8)
  const bytes = dataset.bytes.subarray(fragment.start, fragment.start + fragment.length)
  return codedSyntax(bytes, segments, frameBytes) ?? named
}

/** Whatever makes the elements of a file without a prefix unreadable, it was not DICOM to begin with. */
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
 * Where the File Meta Information begins: after preamble and prefix, or at once where a writer left those out. Null: a
 * bare data set.
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
 * Group 0002 in explicit (seldom implicit) little endian. Its own group length is not trusted: writers get it wrong.
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
    firstStands: true,
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
 * How the data set is really encoded. Writers exist that name one transfer syntax and write another; the first element
 * tells, since
 * its VR letters would be a length of 16 KiB at least, and its group is below 0x0100 when read in the right order.
 */
function encodingAt(bytes: Uint8Array, position: number, TransferSyntaxUID: string, part10: boolean): Encoding {
  const named = transferSyntax(TransferSyntaxUID)
  if (position + 8 > bytes.length) throw new OutpostError(part10 ? 'truncated' : 'not-dicom', { at: position })
  const lettered = isUpper(bytes[position + 4]) && isUpper(bytes[position + 5])
  if (TransferSyntaxUID && (named.littleEndian || bytes[position] === 0)) {
    const { littleEndian } = named
    // The letters of the first element may be damaged: then its length is none of an implicit element.
    const explicitVR = lettered || (named.explicitVR && !isImplicit(bytes, position, littleEndian))
    return { littleEndian, explicitVR }
  }
  const littleEndian = !(bytes[position] === 0 && bytes[position + 1] !== 0)
  return { littleEndian, explicitVR: lettered }
}

/** Whether a higher tag follows the element at position when its length is read as that of an implicit element. */
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
  let known = 0
  for (const tag of dataset.elements.keys()) {
    const group = tag >>> 16
    if (group === 0x0008 || group === 0x0010 || group === 0x0018 || group === 0x0020 || group === 0x0028) known++
  }
  return known > 0
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
