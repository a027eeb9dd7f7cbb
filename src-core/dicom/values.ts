/** Values of elements, decoded when asked for (PS3.5 section 6.2). */
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomElement, Tag, VR } from './dataset.ts'
import { tagText, vrOf } from './dictionary.ts'
import { decodeBytes } from './text.ts'

/** VRs whose text SpecificCharacterSet governs; the others are of the default repertoire. */
const CHARACTER_SET_VRS = new Set<VR>(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT', 'UN'])
/** One value each, in which a backslash is a character. */
const SINGLE_TEXT = new Set<VR>(['LT', 'ST', 'UT', 'UR'])
const BINARY_SIZES: Partial<Record<VR, number>> = {
  US: 2,
  SS: 2,
  OW: 2,
  UL: 4,
  SL: 4,
  FL: 4,
  OF: 4,
  OL: 4,
  AT: 4,
  FD: 8,
  OD: 8,
  UV: 8,
  SV: 8,
  OV: 8,
}

/** The bytes of an element's value: a view, not a copy. */
export function valueBytes(dataset: DicomDataset, element: DicomElement): Uint8Array {
  return dataset.bytes.subarray(element.valueStart, element.valueStart + element.valueLength)
}

/**
 * The text without such characters at its end. A regular expression would look at every run of zeros again from each of
 * its places: seconds for a value of one MiB.
 */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text[end - 1]!)) end--
  return text.slice(0, end)
}

/**
 * The value of an element as text, undivided, trailing padding removed; empty for an element that is missing, a
 * sequence or binary.
 */
export function elementText(dataset: DicomDataset, element: DicomElement): string {
  if (element.items || element.fragments || element.vr in BINARY_SIZES || element.vr === 'OB') return ''
  const characterSets = CHARACTER_SET_VRS.has(element.vr) ? dataset.characterSets : []
  const decoded = decodeBytes(valueBytes(dataset, element), characterSets, element.vr === 'PN')
  const trimmed = withoutEnd(decoded, '\0 ')
  // Empty component groups at the end say nothing (PS3.5 6.2.1.1).
  return element.vr === 'PN' ? withoutEnd(trimmed, '=') : trimmed
}

/**
 * Text of a tag as one string (values joined by "\"), without trailing padding; empty when the tag is missing or has no
 * value.
 */
export function text(dataset: DicomDataset, tag: Tag): string {
  const element = dataset.elements.get(tag)
  return element ? elementText(dataset, element) : ''
}

/** The text values of a tag, each without its padding; none when it is missing or empty. */
export function texts(dataset: DicomDataset, tag: Tag): string[] {
  const element = dataset.elements.get(tag)
  return element ? elementTexts(dataset, element) : []
}

/** The text values of an element. */
export function elementTexts(dataset: DicomDataset, element: DicomElement): string[] {
  const whole = elementText(dataset, element)
  if (whole === '') return []
  return SINGLE_TEXT.has(element.vr) ? [whole] : whole.split('\\').map((value) => withoutEnd(value, '\0 '))
}

/** The first number of a tag, or undefined when there is none. */
export function number(dataset: DicomDataset, tag: Tag): number | undefined {
  return numbers(dataset, tag)[0]
}

/**
 * The numbers of a tag: binary ones, and those of IS and DS; what is not a number is left out. 64-bit ones beyond 2^53
 * lose precision.
 */
export function numbers(dataset: DicomDataset, tag: Tag): number[] {
  const element = dataset.elements.get(tag)
  return element ? elementNumbers(dataset, element) : []
}

/** The numbers of an element. */
export function elementNumbers(dataset: DicomDataset, element: DicomElement): number[] {
  // What a writer did not know is little endian, and read by what the standard knows of it (PS3.5 6.2.2).
  const vr = element.vr === 'UN' ? vrOf(element.tag) : element.vr
  const size = BINARY_SIZES[vr]
  if (!size) {
    return elementTexts(dataset, element)
      .map((value) => value.trim())
      .filter((value) => value !== '')
      .map(Number)
      .filter(Number.isFinite)
  }
  const { bytes, littleEndian } = dataset
  const view = new DataView(bytes.buffer, bytes.byteOffset + element.valueStart, element.valueLength)
  const values: number[] = []
  for (let at = 0; at + size <= element.valueLength; at += size)
    values.push(readNumber(view, at, vr, littleEndian || element.vr === 'UN'))
  return values
}

function readNumber(view: DataView, at: number, vr: VR, littleEndian: boolean): number {
  switch (vr) {
    case 'US':
    case 'OW':
      return view.getUint16(at, littleEndian)
    case 'SS':
      return view.getInt16(at, littleEndian)
    case 'UL':
    case 'OL':
      return view.getUint32(at, littleEndian)
    case 'SL':
      return view.getInt32(at, littleEndian)
    case 'FL':
    case 'OF':
      return view.getFloat32(at, littleEndian)
    case 'FD':
    case 'OD':
      return view.getFloat64(at, littleEndian)
    case 'UV':
    case 'OV':
      return Number(view.getBigUint64(at, littleEndian))
    case 'SV':
      return Number(view.getBigInt64(at, littleEndian))
    case 'AT':
      return view.getUint16(at, littleEndian) * 0x10000 + view.getUint16(at + 2, littleEndian)
    default:
      throw new OutpostError('bad-element', { vr })
  }
}

/** The items of a sequence; none when it is missing or empty. */
export function sequence(dataset: DicomDataset, tag: Tag): readonly DicomDataset[] {
  return dataset.elements.get(tag)?.items ?? []
}

/** One group of a person name: alphabetic, ideographic or phonetic (PS3.5 6.2.1.2). */
export interface PersonNameGroup {
  readonly familyName: string
  readonly givenName: string
  readonly middleName: string
  readonly prefix: string
  readonly suffix: string
}
export interface PersonName {
  readonly alphabetic: PersonNameGroup
  readonly ideographic: PersonNameGroup
  readonly phonetic: PersonNameGroup
}

/** The parts of a person name as stored, for example "Yamada^Tarou=山田^太郎=やまだ^たろう". Missing parts are empty. */
export function parsePersonName(value: string): PersonName {
  const groups = value.split('=')
  const group = (index: number): PersonNameGroup => {
    const parts = (groups[index] ?? '').split('^').map((part) => part.trim())
    return {
      familyName: parts[0] ?? '',
      givenName: parts[1] ?? '',
      middleName: parts[2] ?? '',
      prefix: parts[3] ?? '',
      suffix: parts[4] ?? '',
    }
  }
  return { alphabetic: group(0), ideographic: group(1), phonetic: group(2) }
}

/** The text of a tag that must be there. @error missing-uid */
export function requiredUid(dataset: DicomDataset, tag: Tag): string {
  const value = text(dataset, tag)
  if (value === '') throw new OutpostError('missing-uid', { element: tagText(tag) })
  return value
}
