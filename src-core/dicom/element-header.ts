/** The header of one element: its VR, where its value begins and how long it is (PS3.5 section 7.1). */
import { OutpostError } from '../contract/errors.ts'
import type { Tag, VR } from './dataset.ts'
import { isPrivate, tagText, vrOf } from './dictionary.ts'
import { ITEM_END, SEQUENCE_END, tagAt, UNDEFINED, type Reader, type Region } from './element-reader.ts'

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

/**
 * VR, value and length of the element at position, into the reader. Where an explicit data set has no VR of two
 * capitals, the element is written as implicit, or its VR is damaged and a length of two bytes follows it: what comes
 * after the value decides.
 */
export function readHeader(reader: Reader, position: number, tag: Tag, region: Region): void {
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

/**
 * An item that should be implicit but whose first element bears a known VR and a length that fits: written by
 * converters that kept the bytes.
 */
export function startsExplicit(reader: Reader, position: number, end: number): boolean {
  if (position + 8 > end) return false
  if (!knownLetters(reader, position)) return false
  return position + 8 + reader.view.getUint32(position + 4, reader.littleEndian) > end
}
