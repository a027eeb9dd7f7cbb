/** The state, limits and delimiting tags that the readers of elements, headers and fragments share. */
import { OutpostError } from '../contract/errors.ts'
import type { DicomElement, Tag, VR } from './dataset.ts'

export const UNDEFINED = 0xffffffff
export const ITEM = 0xfffee000
export const ITEM_END = 0xfffee00d
export const SEQUENCE_END = 0xfffee0dd
export const PIXEL_DATA = 0x7fe00010

/**
 * The maximum number of elements, items, fragments and offsets of one file. A whole-slide image has about a million of
 * them. The limit is needed because an empty item takes eight bytes on disk and many more in memory.
 */
export const MAX_PARTS = 5_000_000

export interface Reader {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly littleEndian: boolean
  /** How many more parts may be made. */
  budget: number
  /**
   * The header that readHeader read last. It is stored here, because an object for each header would burden the garbage
   * collector.
   */
  vr: VR
  valueStart: number
  length: number
  explicit: boolean
  /** Whether pixel data at the top level is cut off. */
  cut: boolean
}

export interface Region {
  readonly explicitVR: boolean
  /** The position after the last byte that may be read. */
  readonly end: number
  /** Whether the region ends at an item delimiter (undefined length) instead of at `end`. */
  readonly delimited: boolean
  readonly depth: number
  readonly characterSets: readonly string[]
  readonly stopAtPixelData: boolean
  readonly untilTag: number
  readonly skipPrivate: boolean
  /** Whether the first of two elements with one tag counts, given the elements read so far. */
  readonly firstCounts: (elements: ReadonlyMap<Tag, DicomElement>) => boolean
}

export function countParts(reader: Reader, parts = 1): void {
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
