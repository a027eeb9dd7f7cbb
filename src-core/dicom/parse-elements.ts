/** The elements of one data set, items and fragments included (PS3.5 sections 7.1 to 7.5, A.4). */
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomElement, Tag, VR } from './dataset.ts'
import { isPrivate, tagText, vrOf } from './dictionary.ts'
import { decodeBytes } from './text.ts'

const UNDEFINED = 0xffffffff
const ITEM = 0xfffee000
const ITEM_END = 0xfffee00d
const SEQUENCE_END = 0xfffee0dd
const PIXEL_DATA = 0x7fe00010
/** Deeper than any object of the standard by an order of magnitude, shallow enough for every stack. */
const MAX_DEPTH = 128
/**
 * Elements, items, fragments and offsets of one file together: a whole-slide image has about a million; empty items are
 * eight bytes on disk and many more here.
 */
const MAX_PARTS = 5_000_000
/** VRs with two reserved bytes and a 32-bit length (PS3.5 7.1.2). */
const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])
const SHORT = new Set([
  'AE',
  'AS',
  'AT',
  'CS',
  'DA',
  'DS',
  'DT',
  'FL',
  'FD',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'SL',
  'SS',
  'ST',
  'TM',
  'UI',
  'UL',
  'US',
])
/**
 * What a pair of capital letters means as a VR, by their places in the alphabet: a string made of each element's
 * letters would cost more than the rest of its header.
 */
const LETTERS: readonly { readonly vr: VR; readonly long: boolean }[] = Array.from({ length: 26 * 26 }, (_, pair) => {
  const letters = String.fromCharCode(0x41 + Math.floor(pair / 26), 0x41 + (pair % 26))
  return { vr: LONG.has(letters) || SHORT.has(letters) ? (letters as VR) : 'UN', long: LONG.has(letters) }
})

interface Reader {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly littleEndian: boolean
  /** Parts that may still be made. */
  budget: number
  /** Of the header that was read last (readHeader): kept here, since an object for each would be litter. */
  vr: VR
  valueStart: number
  length: number
  explicit: boolean
  /** Whether pixel data of the top level were cut off. */
  cut: boolean
}

interface Region {
  readonly explicitVR: boolean
  /** One past the last byte that may be read. */
  readonly end: number
  /** Ends at an item delimiter (undefined length) instead of at end. */
  readonly delimited: boolean
  readonly depth: number
  readonly characterSets: readonly string[]
  readonly stopAtPixelData: boolean
  readonly untilTag: number
  readonly skipPrivate: boolean
  /** Of an element that comes twice: whether the first stands, after the elements that have been read. */
  readonly firstStands: (elements: ReadonlyMap<Tag, DicomElement>) => boolean
}

/**
 * Of an element that comes twice, the last one stands, as pydicom, dcm4che and dicom-parser read it. One behind the pixel
 * data never stands, because a reader of the head alone does not see it.
 */
const behindPixels = (elements: ReadonlyMap<Tag, DicomElement>): boolean =>
  elements.has(PIXEL_DATA) || elements.has(0x7fe00008) || elements.has(0x7fe00009)

export interface ElementsOptions {
  readonly littleEndian: boolean
  readonly explicitVR: boolean
  readonly stopAtPixelData: boolean
  readonly untilTag: number
  readonly limit?: number
  /** For the File Meta Information, of which a second one says nothing. */
  readonly firstStands?: boolean
  /** Private elements are read over: they are as faulty or sound as ever, but not in the data set. */
  readonly skipPrivate?: boolean
}

interface Parsed {
  readonly dataset: DicomDataset
  readonly end: number
  readonly partial: boolean
  readonly truncated: boolean
  /** Of the top level: why the elements end before the bytes do. */
  readonly failure: OutpostError | null
  readonly pixelData?: { readonly valueStart: number; readonly length: number }
}

/**
 * @returns the data set from position on, where it ended, whether it was stopped as asked, whether its pixel data is
 * cut off, and the
 *   element of the top level that reaches past the end, as a failure
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
    firstStands: options.firstStands ? () => true : behindPixels,
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
  // Fewer than eight bytes cannot be an element: padding that some writers leave.
  while (position + 8 <= region.end) {
    const tag = tagAt(reader, position)
    if (region.delimited && tag === ITEM_END) {
      position += 8
      return {
        dataset: make(reader, region, characterSets, elements),
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
      // What cannot be an element after the others is what a writer left behind the data set, not a part of it.
      if (count === 0 || (tag > highest && (isPrivate(tag) || vrOf(tag) !== 'UN'))) failure = error
      break
    }
    if (end <= position) throw new OutpostError('bad-length', { element: tagText(tag) })
    position = end
    // Items outside a sequence are skipped, delimiters too.
    if (tag >>> 16 === 0xfffe) continue
    spend(reader)
    count++
    if (tag > highest) highest = tag
    if (!element || (elements.has(tag) && region.firstStands(elements))) continue
    elements.set(tag, element)
    if (tag === 0x00080005) characterSets = characterSetsOf(reader.bytes, element)
  }
  if (region.delimited && !partial && position + 8 > region.end) throw new OutpostError('truncated', { at: position })
  return {
    dataset: make(reader, region, characterSets, elements),
    end: position,
    partial,
    truncated: reader.cut,
    failure,
    ...(pixelData && { pixelData }),
  }
}

function spend(reader: Reader, parts = 1): void {
  reader.budget -= parts
  if (reader.budget < 0) throw new OutpostError('bad-element', { parts: MAX_PARTS })
}

function make(
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

function isPixelData(tag: Tag): boolean {
  return tag === PIXEL_DATA || tag === 0x7fe00008 || tag === 0x7fe00009
}

/**
 * VR, value and length of the element at position, into the reader. Where an explicit data set has no VR of two
 * capitals, the element is written as implicit, or its VR is damaged and a length of two bytes follows it: what comes
 * after the value decides.
 */
function readHeader(reader: Reader, position: number, tag: Tag, region: Region): void {
  const { bytes, view, littleEndian } = reader
  // A second File Meta Information inside the data set is explicit like the first.
  if (region.explicitVR || (tag >>> 16 === 2 && knownLetters(reader, position))) {
    const first = bytes[position + 4]! - 0x41
    const second = bytes[position + 5]! - 0x41
    if (first >= 0 && first < 26 && second >= 0 && second < 26) {
      const { vr, long } = LETTERS[first * 26 + second]!
      reader.vr = vr
      reader.explicit = true
      if (long) {
        if (position + 12 > region.end) throw new OutpostError('truncated', { element: tagText(tag) })
        reader.valueStart = position + 12
        reader.length = view.getUint32(position + 8, littleEndian)
      } else {
        reader.valueStart = position + 8
        reader.length = view.getUint16(position + 6, littleEndian)
      }
      return
    }
  }
  reader.vr = vrOf(tag)
  reader.explicit = false
  reader.valueStart = position + 8
  reader.length = view.getUint32(position + 4, littleEndian)
  if (!region.explicitVR || tag >>> 16 === 0xfffe || reader.length === UNDEFINED) return
  if (canFollow(reader, reader.valueStart + reader.length, tag, region)) return
  const short = view.getUint16(position + 6, littleEndian)
  // A value that fits by neither reading belongs to an implicit element that is cut off, unless it is out of all reach.
  const outOfReach = reader.valueStart + reader.length > region.end
  if (!canFollow(reader, reader.valueStart + short, tag, region) && !outOfReach) return
  reader.explicit = true
  reader.length = short
}

/**
 * Whether the header of an element can stand at a position behind the element of a tag: the end, a delimiter, or a
 * higher tag with the letters of a VR, or one that the standard knows with a length that fits.
 */
function canFollow(reader: Reader, position: number, tag: Tag, region: Region): boolean {
  if (position === region.end) return true
  if (position + 8 > region.end) return false
  const next = tagAt(reader, position)
  if (next === ITEM_END || next === SEQUENCE_END) return region.depth > 0
  if (next <= tag) return false
  if (knownLetters(reader, position)) return true
  const { view, littleEndian } = reader
  const [long, short] = [view.getUint32(position + 4, littleEndian), view.getUint16(position + 6, littleEndian)]
  return (isPrivate(next) || vrOf(next) !== 'UN') && position + 8 + Math.min(long, short) <= region.end
}

function knownLetters(reader: Reader, position: number): boolean {
  const letters = String.fromCharCode(reader.bytes[position + 4]!, reader.bytes[position + 5]!)
  return LONG.has(letters) || SHORT.has(letters)
}

/** One past an element that is not wanted. What holds items or fragments is read like any other, to find its end. */
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
    // A delimiter or item outside a sequence has nothing to close.
    if (tag === ITEM_END || tag === SEQUENCE_END)
      return { tag, vr: 'UN', start, valueStart, valueLength: 0, end: valueStart, undefinedLength: true }
    // UN of undefined length holds implicit VR little endian, whatever the data set is (PS3.5 6.2.2 note 2).
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

function isItem(reader: Reader, position: number, end: number): boolean {
  return position + 8 <= end && tagAt(reader, position) === ITEM
}

/** Whether pixel data of a defined length are fragments all the same: items from the first byte to the last. */
function isFragments(reader: Reader, valueStart: number, end: number): boolean {
  let position = valueStart
  while (isItem(reader, position, end)) position += 8 + reader.view.getUint32(position + 4, reader.littleEndian)
  if (position + 8 === end && tagAt(reader, position) === SEQUENCE_END) position = end
  return position > valueStart && position === end
}

interface Items {
  readonly items: DicomDataset[]
  readonly valueEnd: number
  readonly end: number
}

function parseItems(reader: Reader, start: number, end: number, delimited: boolean, region: Region, owner: Tag): Items {
  const items: DicomDataset[] = []
  let position = start
  while (position + 8 <= end) {
    const tag = tagAt(reader, position)
    const length = reader.view.getUint32(position + 4, reader.littleEndian)
    if (tag === SEQUENCE_END) return { items, valueEnd: position, end: position + 8 }
    if (tag !== ITEM) throw new OutpostError('bad-element', { element: tagText(owner) })
    const valueStart = position + 8
    const itemEnd = length === UNDEFINED ? end : valueStart + length
    if (itemEnd > end)
      throw new OutpostError(itemEnd > reader.bytes.length ? 'truncated' : 'bad-length', { element: tagText(owner) })
    const item = parseRegion(reader, valueStart, {
      explicitVR: region.explicitVR || startsExplicit(reader, valueStart, itemEnd),
      end: itemEnd,
      delimited: length === UNDEFINED,
      depth: region.depth + 1,
      characterSets: region.characterSets,
      stopAtPixelData: false,
      untilTag: Infinity,
      skipPrivate: region.skipPrivate,
      firstStands: behindPixels,
    })
    spend(reader)
    items.push(item.dataset)
    position = length === UNDEFINED ? item.end : itemEnd
  }
  if (delimited) throw new OutpostError('truncated', { element: tagText(owner) })
  return { items, valueEnd: end, end }
}

/**
 * An item that should be implicit but whose first element bears a known VR and a length that fits: written by
 * converters that kept the bytes.
 */
function startsExplicit(reader: Reader, position: number, end: number): boolean {
  if (position + 8 > end) return false
  if (!knownLetters(reader, position)) return false
  return position + 8 + reader.view.getUint32(position + 4, reader.littleEndian) > end
}

/**
 * Encapsulated pixel data, of defined length where the region is not delimited: the first item is the Basic Offset
 * Table, the others are fragments (PS3.5 A.4).
 */
function parseFragments(
  reader: Reader,
  start: number,
  valueStart: number,
  tag: Tag,
  vr: VR,
  region: Region,
): DicomElement {
  const fragments: { start: number; length: number }[] = []
  const offsetTable: number[] = []
  let position = valueStart
  let first = true
  let closed = false
  let valueEnd = region.end
  while (position + 8 <= region.end) {
    const itemTag = tagAt(reader, position)
    if (itemTag === SEQUENCE_END) {
      valueEnd = position
      position += 8
      closed = true
      break
    }
    if (itemTag !== ITEM) throw new OutpostError('bad-element', { element: tagText(tag) })
    const length = reader.view.getUint32(position + 4, reader.littleEndian)
    const itemStart = position + 8
    const available = region.end - itemStart
    if (length > available && region.depth > 0) throw new OutpostError('truncated', { element: tagText(tag) })
    const present = Math.min(length, available)
    spend(reader, first ? present / 4 : 1)
    if (first)
      for (let at = 0; at + 4 <= present; at += 4)
        offsetTable.push(reader.view.getUint32(itemStart + at, reader.littleEndian))
    else fragments.push({ start: itemStart, length: present })
    first = false
    position = itemStart + present
    if (length > available) break
  }
  const end = closed && region.delimited ? position : region.end
  if (!closed && region.delimited && region.depth === 0) reader.cut = true
  return {
    tag,
    vr,
    start,
    valueStart,
    valueLength: valueEnd - valueStart,
    end,
    undefinedLength: region.delimited,
    fragments,
    ...(offsetTable.length > 0 && { offsetTable }),
  }
}

function tagAt(reader: Reader, position: number): Tag {
  return (
    reader.view.getUint16(position, reader.littleEndian) * 0x10000 +
    reader.view.getUint16(position + 2, reader.littleEndian)
  )
}

/** The terms of (0008,0005), kept as written. */
function characterSetsOf(bytes: Uint8Array, element: DicomElement): readonly string[] {
  const text = decodeBytes(
    bytes.subarray(element.valueStart, element.valueStart + Math.min(element.valueLength, 512)),
    [],
  )
  return text.replace(/[\0 ]+$/, '') === '' ? [] : text.split('\\').map((term) => term.replace(/[\0 ]+$/, '').trim())
}
