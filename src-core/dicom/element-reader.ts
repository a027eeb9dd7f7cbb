/** What reading elements, their headers and fragments share: the bytes, the limits, and the tags that delimit. */
import { OutpostError } from '../contract/errors.ts'
import type { DicomElement, Tag, VR } from './dataset.ts'

export const UNDEFINED = 0xffffffff
export const ITEM = 0xfffee000
export const ITEM_END = 0xfffee00d
export const SEQUENCE_END = 0xfffee0dd
export const PIXEL_DATA = 0x7fe00010

/**
 * Elements, items, fragments and offsets of one file together: a whole-slide image has about a million; empty items are
 * eight bytes on disk and many more here.
 */
export const MAX_PARTS = 5_000_000

export interface Reader {
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

export interface Region {
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

export function spend(reader: Reader, parts = 1): void {
  reader.budget -= parts
  if (reader.budget < 0) throw new OutpostError('bad-element', { parts: MAX_PARTS })
}

export function isPixelData(tag: Tag): boolean {
  return tag === PIXEL_DATA || tag === 0x7fe00008 || tag === 0x7fe00009
}

export function tagAt(reader: Reader, position: number): Tag {
  return (
    reader.view.getUint16(position, reader.littleEndian) * 0x10000 +
    reader.view.getUint16(position + 2, reader.littleEndian)
  )
}

export function isItem(reader: Reader, position: number, end: number): boolean {
  return position + 8 <= end && tagAt(reader, position) === ITEM
}
