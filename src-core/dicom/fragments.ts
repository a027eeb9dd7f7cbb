/** Reads encapsulated pixel data: a Basic Offset Table and fragments (PS3.5 section A.4). */
import { OutpostError } from '../contract/errors.ts'
import type { DicomElement, Tag, VR } from './dataset.ts'
import { tagText } from './dictionary.ts'
import { isItem, ITEM, SEQUENCE_END, countParts, tagAt, type Reader, type Region } from './element-reader.ts'

/** Whether pixel data of a defined length consists of fragments: items from the first byte to the last. */
export function isFragments(reader: Reader, valueStart: number, end: number): boolean {
  let position = valueStart
  while (isItem(reader, position, end)) position += 8 + reader.view.getUint32(position + 4, reader.littleEndian)
  if (position + 8 === end && tagAt(reader, position) === SEQUENCE_END) position = end
  return position > valueStart && position === end
}

/**
 * Reads encapsulated pixel data. Where the region is not delimited, its length is defined. The first item is the Basic
 * Offset Table, the others are fragments (PS3.5 A.4).
 */
export function parseFragments(
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
    countParts(reader, first ? present / 4 : 1)
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
