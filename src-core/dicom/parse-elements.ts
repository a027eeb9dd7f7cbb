/** Reads the elements of one data set with their items and fragments (PS3.5 sections 7.1 to 7.5, A.4). */
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomElement, Tag } from './dataset.ts'
import { isPrivate, tagText, vrOf } from './dictionary.ts'
import { readHeader, startsExplicit } from './element-header.ts'
import {
  isItem,
  isPixelData,
  ITEM,
  ITEM_END,
  MAX_PARTS,
  PIXEL_DATA,
  SEQUENCE_END,
  countParts,
  tagAt,
  UNDEFINED,
  type Reader,
  type Region,
} from './element-reader.ts'
import { isFragments, parseFragments } from './fragments.ts'
import { decodeBytes } from './text.ts'

/**
 * The maximum depth of sequences. It is ten times the depth of any object of the standard, and small enough for the
 * call stack.
 */
const MAX_DEPTH = 128
/**
 * Whether pixel data was read already. Of two elements with one tag the last one counts, as in pydicom, dcm4che and
 * dicom-parser. An element after the pixel data does not count, because a reader of the head does not see it.
 */
const isAfterPixels = (elements: ReadonlyMap<Tag, DicomElement>): boolean =>
  elements.has(PIXEL_DATA) || elements.has(0x7fe00008) || elements.has(0x7fe00009)

export interface ElementsOptions {
  readonly littleEndian: boolean
  readonly explicitVR: boolean
  readonly stopAtPixelData: boolean
  readonly untilTag: number
  readonly limit?: number
  /**
   * Whether the first of two elements with one tag counts. It is set for File Meta Information, because a second one is
   * ignored.
   */
  readonly firstCounts?: boolean
  /** Whether private elements are left out of the data set. They are still checked for errors. */
  readonly skipPrivate?: boolean
}

interface Parsed {
  readonly dataset: DicomDataset
  readonly end: number
  readonly partial: boolean
  readonly truncated: boolean
  /** The error that ends the elements of the top level before the end of the bytes; null when there is none. */
  readonly failure: OutpostError | null
  readonly pixelData?: { readonly valueStart: number; readonly length: number }
}

/**
 * Reads a data set from a position on.
 * @returns the data set, where it ended, whether reading stopped as asked, whether its pixel data is cut off, and as
 * `failure` the error of an element of the top level that extends beyond the end
 * @error bad-length, bad-element, nested-too-deep
 */
export function parseElements(bytes: Uint8Array, position: number, options: ElementsOptions): Parsed {
  const reader: Reader = {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    littleEndian: options.littleEndian,
    budget: MAX_PARTS,
    vr: 'UN' as const,
    valueStart: 0,
    length: 0,
    explicit: false,
    cut: false,
  }
  return parseRegion(reader, position, {
    explicitVR: options.explicitVR,
    end: options.limit ?? bytes.length,
    delimited: false,
    depth: 0,
    characterSets: [],
    stopAtPixelData: options.stopAtPixelData,
    untilTag: options.untilTag,
    skipPrivate: options.skipPrivate === true,
    firstCounts: options.firstCounts ? () => true : isAfterPixels,
  })
}

function parseRegion(reader: Reader, start: number, region: Region): Parsed {
  if (region.depth > MAX_DEPTH) throw new OutpostError('nested-too-deep', { at: start })
  const elements = new Map<Tag, DicomElement>()
  let characterSets = region.characterSets
  let position = start
  let partial = false
  let failure: OutpostError | null = null
  let pixelData: Parsed['pixelData']
  let highest = 0
  let count = 0
  // Fewer than eight bytes cannot hold an element. They are padding of some writers.
  while (position + 8 <= region.end) {
    const tag = tagAt(reader, position)
    if (region.delimited && tag === ITEM_END) {
      position += 8
      return {
        dataset: makeDataset(reader, region, characterSets, elements),
        end: position,
        partial,
        truncated: reader.cut,
        failure,
      }
    }
    if (region.depth === 0 && (tag >= region.untilTag || (region.stopAtPixelData && isPixelData(tag)))) {
      partial = true
      if (isPixelData(tag) && position + 12 <= region.end) {
        readHeader(reader, position, tag, region)
        pixelData = { valueStart: reader.valueStart, length: reader.length }
      }
      break
    }
    if (region.depth > 0 && tag === SEQUENCE_END) break
    let element: DicomElement | null = null
    let end: number
    try {
      if (region.skipPrivate && isPrivate(tag)) end = endOfElement(reader, position, tag, region, characterSets)
      else {
        element = parseElement(reader, position, tag, region, characterSets)
        end = element.end
      }
    } catch (error) {
      if (region.depth > 0 || !(error instanceof OutpostError) || error.code !== 'truncated') throw error
      // Bytes that cannot be an element after the others were left behind the data set by its writer and are ignored.
      if (count === 0 || (tag > highest && (isPrivate(tag) || vrOf(tag) !== 'UN'))) failure = error
      break
    }
    if (end <= position) throw new OutpostError('bad-length', { element: tagText(tag) })
    position = end
    // Items and delimiters outside of a sequence are skipped.
    if (tag >>> 16 === 0xfffe) continue
    countParts(reader)
    count++
    if (tag > highest) highest = tag
    if (!element || (elements.has(tag) && region.firstCounts(elements))) continue
    elements.set(tag, element)
    if (tag === 0x00080005) characterSets = characterSetsOf(reader.bytes, element)
  }
  if (region.delimited && !partial && position + 8 > region.end) throw new OutpostError('truncated', { at: position })
  return {
    dataset: makeDataset(reader, region, characterSets, elements),
    end: position,
    partial,
    truncated: reader.cut,
    failure,
    ...(pixelData && { pixelData }),
  }
}

function makeDataset(
  reader: Reader,
  region: Region,
  characterSets: readonly string[],
  elements: Map<Tag, DicomElement>,
): DicomDataset {
  return {
    bytes: reader.bytes,
    littleEndian: reader.littleEndian,
    explicitVR: region.explicitVR,
    characterSets,
    elements,
  }
}

/**
 * The position after an element that is skipped. An element with items or fragments is read like any other, to find its
 * end.
 */
function endOfElement(
  reader: Reader,
  start: number,
  tag: Tag,
  region: Region,
  characterSets: readonly string[],
): number {
  readHeader(reader, start, tag, region)
  const end = reader.valueStart + reader.length
  return reader.length === UNDEFINED || reader.vr === 'SQ' || end > region.end
    ? parseElement(reader, start, tag, region, characterSets).end
    : end
}

function parseElement(
  reader: Reader,
  start: number,
  tag: Tag,
  region: Region,
  characterSets: readonly string[],
): DicomElement {
  readHeader(reader, start, tag, region)
  const { vr, valueStart, length, explicit } = reader
  if (length === UNDEFINED) {
    if (isPixelData(tag) || ((vr === 'OB' || vr === 'OW') && isItem(reader, valueStart, region.end))) {
      return parseFragments(reader, start, valueStart, tag, vr, { ...region, delimited: true })
    }
    // A delimiter outside of a sequence has nothing to close.
    if (tag === ITEM_END || tag === SEQUENCE_END)
      return { tag, vr: 'UN', start, valueStart, valueLength: 0, end: valueStart, undefinedLength: true }
    // UN of undefined length holds implicit VR little endian, whatever the encoding of the data set is (PS3.5 6.2.2
    // note 2).
    const { items, valueEnd, end } = parseItems(
      reader,
      valueStart,
      region.end,
      true,
      { ...region, explicitVR: explicit && vr !== 'UN', characterSets },
      tag,
    )
    return { tag, vr, start, valueStart, valueLength: valueEnd - valueStart, end, undefinedLength: true, items }
  }
  const end = valueStart + length
  if (end > region.end) {
    if (isPixelData(tag) && region.depth === 0) {
      reader.cut = true
      return {
        tag,
        vr,
        start,
        valueStart,
        valueLength: region.end - valueStart,
        end: region.end,
        undefinedLength: false,
      }
    }
    throw new OutpostError(end > reader.bytes.length ? 'truncated' : 'bad-length', { element: tagText(tag) })
  }
  if (isPixelData(tag) && region.depth === 0 && isFragments(reader, valueStart, end))
    return parseFragments(reader, start, valueStart, tag, vr, { ...region, end, delimited: false })
  if (vr !== 'SQ') return { tag, vr, start, valueStart, valueLength: length, end, undefinedLength: false }
  const { items } = parseItems(reader, valueStart, end, false, { ...region, explicitVR: explicit, characterSets }, tag)
  return { tag, vr, start, valueStart, valueLength: length, end, undefinedLength: false, items }
}

interface Items {
  readonly items: DicomDataset[]
  readonly valueEnd: number
  readonly end: number
}

function parseItems(
  reader: Reader,
  start: number,
  end: number,
  delimited: boolean,
  region: Region,
  sequenceTag: Tag,
): Items {
  const items: DicomDataset[] = []
  let position = start
  while (position + 8 <= end) {
    const tag = tagAt(reader, position)
    const length = reader.view.getUint32(position + 4, reader.littleEndian)
    if (tag === SEQUENCE_END) return { items, valueEnd: position, end: position + 8 }
    if (tag !== ITEM) throw new OutpostError('bad-element', { element: tagText(sequenceTag) })
    const valueStart = position + 8
    const itemEnd = length === UNDEFINED ? end : valueStart + length
    if (itemEnd > end)
      throw new OutpostError(itemEnd > reader.bytes.length ? 'truncated' : 'bad-length', {
        element: tagText(sequenceTag),
      })
    const item = parseRegion(reader, valueStart, {
      explicitVR: region.explicitVR || startsExplicit(reader, valueStart, itemEnd),
      end: itemEnd,
      delimited: length === UNDEFINED,
      depth: region.depth + 1,
      characterSets: region.characterSets,
      stopAtPixelData: false,
      untilTag: Infinity,
      skipPrivate: region.skipPrivate,
      firstCounts: isAfterPixels,
    })
    countParts(reader)
    items.push(item.dataset)
    position = length === UNDEFINED ? item.end : itemEnd
  }
  if (delimited) throw new OutpostError('truncated', { element: tagText(sequenceTag) })
  return { items, valueEnd: end, end }
}

/** The terms of (0008,0005), as they are written. */
function characterSetsOf(bytes: Uint8Array, element: DicomElement): readonly string[] {
  const text = decodeBytes(
    bytes.subarray(element.valueStart, element.valueStart + Math.min(element.valueLength, 512)),
    [],
  )
  return text.replace(/[\0 ]+$/, '') === '' ? [] : text.split('\\').map((term) => term.replace(/[\0 ]+$/, '').trim())
}
