/** Reads the header of one element: its VR, and the position and length of its value (PS3.5 section 7.1). */
import { OutpostError } from '../contract/errors.ts'
import type { Tag, VR } from './dataset.ts'
import { isPrivate, tagText, vrOf } from './dictionary.ts'
import { ITEM_END, SEQUENCE_END, tagAt, UNDEFINED, type Reader, type Region } from './element-reader.ts'

/** The VRs whose header has two reserved bytes and a 32-bit length (PS3.5 7.1.2). */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])
const SHORT_VRS = new Set([
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
 * The VR of each pair of capital letters, indexed by the positions of both letters in the alphabet. Making a string of
 * the letters of each element would cost more than reading the rest of its header.
 */
const VR_OF_LETTERS: readonly { readonly vr: VR; readonly long: boolean }[] = Array.from(
  { length: 26 * 26 },
  (_, pair) => {
    const letters = String.fromCharCode(0x41 + Math.floor(pair / 26), 0x41 + (pair % 26))
    return { vr: LONG_VRS.has(letters) || SHORT_VRS.has(letters) ? (letters as VR) : 'UN', long: LONG_VRS.has(letters) }
  },
)

/**
 * Reads VR, value position and length of the element at a position into the reader. When an element of an explicit data
 * set has no VR of two capital letters, there are two readings: it is written as implicit, or its VR is damaged and a
 * length of two bytes follows. The bytes after the value decide which reading is taken.
 */
export function readHeader(reader: Reader, position: number, tag: Tag, region: Region): void {
  const { bytes, view, littleEndian } = reader
  // A second File Meta Information inside the data set is explicit like the first one.
  if (region.explicitVR || (tag >>> 16 === 2 && hasKnownVr(reader, position))) {
    const first = bytes[position + 4]! - 0x41
    const second = bytes[position + 5]! - 0x41
    if (first >= 0 && first < 26 && second >= 0 && second < 26) {
      const { vr, long } = VR_OF_LETTERS[first * 26 + second]!
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
  const shortLength = view.getUint16(position + 6, littleEndian)
  // When the value fits in neither reading, the element is implicit and cut off, unless its length is far out of range.
  const outOfReach = reader.valueStart + reader.length > region.end
  if (!canFollow(reader, reader.valueStart + shortLength, tag, region) && !outOfReach) return
  reader.explicit = true
  reader.length = shortLength
}

/**
 * Whether an element can start at a position after the element of a tag. True at the end, at a delimiter, and at a
 * higher tag that has a known VR or is known to the standard with a length that fits.
 */
function canFollow(reader: Reader, position: number, tag: Tag, region: Region): boolean {
  if (position === region.end) return true
  if (position + 8 > region.end) return false
  const next = tagAt(reader, position)
  if (next === ITEM_END || next === SEQUENCE_END) return region.depth > 0
  if (next <= tag) return false
  if (hasKnownVr(reader, position)) return true
  const { view, littleEndian } = reader
  const [longLength, shortLength] = [
    view.getUint32(position + 4, littleEndian),
    view.getUint16(position + 6, littleEndian),
  ]
  return (isPrivate(next) || vrOf(next) !== 'UN') && position + 8 + Math.min(longLength, shortLength) <= region.end
}

function hasKnownVr(reader: Reader, position: number): boolean {
  const letters = String.fromCharCode(reader.bytes[position + 4]!, reader.bytes[position + 5]!)
  return LONG_VRS.has(letters) || SHORT_VRS.has(letters)
}

/**
 * Whether an item that should be implicit is explicit: its first element has a known VR and a length that fits. Some
 * converters write such items when they copy bytes.
 */
export function startsExplicit(reader: Reader, position: number, end: number): boolean {
  if (position + 8 > end) return false
  if (!hasKnownVr(reader, position)) return false
  return position + 8 + reader.view.getUint32(position + 4, reader.littleEndian) > end
}
