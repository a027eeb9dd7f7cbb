/** Decodes the values of elements when they are needed (PS3.5 section 6.2). */
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomElement, Tag, VR } from './dataset.ts'
import { tagText, vrOf } from './dictionary.ts'
import { decodeBytes } from './text.ts'

/** The VRs whose text depends on SpecificCharacterSet. Other text VRs use the default repertoire. */
const CHARACTER_SET_VRS = new Set<VR>(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT', 'UN'])
/** The VRs that have one value, in which a backslash is a normal character. */
const SINGLE_VALUE_VRS = new Set<VR>(['LT', 'ST', 'UT', 'UR'])
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

/** The bytes of an element's value. It is a view, not a copy. */
export function valueBytes(dataset: DicomDataset, element: DicomElement): Uint8Array {
  return dataset.bytes.subarray(element.valueStart, element.valueStart + element.valueLength)
}

/**
 * The text without these characters at its end. A regular expression would take seconds for a value of one MiB, because
 * it starts again at each character of a run of zeros.
 */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text[end - 1]!)) end--
  return text.slice(0, end)
}

/** The value of an element as one text without trailing padding; empty for a sequence and for binary values. */
export function elementText(dataset: DicomDataset, element: DicomElement): string {
  if (element.items || element.fragments || element.vr in BINARY_SIZES || element.vr === 'OB') return ''
  const characterSets = CHARACTER_SET_VRS.has(element.vr) ? dataset.characterSets : []
  const decoded = decodeBytes(valueBytes(dataset, element), characterSets, element.vr === 'PN')
  const trimmed = withoutEnd(decoded, '\0 ')
  // Empty component groups at the end have no meaning (PS3.5 6.2.1.1).
  return element.vr === 'PN' ? withoutEnd(trimmed, '=') : trimmed
}

/**
 * The text of a tag as one string without trailing padding; several values are joined by "\". Empty when the element is
 * missing or has no value.
 */
export function text(dataset: DicomDataset, tag: Tag): string {
  const element = dataset.elements.get(tag)
  return element ? elementText(dataset, element) : ''
}

/** The text values of a tag, each without its padding; an empty list when the element is missing or empty. */
export function texts(dataset: DicomDataset, tag: Tag): string[] {
  const element = dataset.elements.get(tag)
  return element ? elementTexts(dataset, element) : []
}

/** The text values of an element. */
export function elementTexts(dataset: DicomDataset, element: DicomElement): string[] {
  const fullText = elementText(dataset, element)
  if (fullText === '') return []
  return SINGLE_VALUE_VRS.has(element.vr) ? [fullText] : fullText.split('\\').map((value) => withoutEnd(value, '\0 '))
}

/** The first number of a tag, or undefined when there is none. */
export function number(dataset: DicomDataset, tag: Tag): number | undefined {
  return numbers(dataset, tag)[0]
}

/**
 * The numbers of a tag, binary ones and those of IS and DS. Values that are not numbers are left out. 64-bit numbers
 * beyond 2^53 lose precision.
 */
export function numbers(dataset: DicomDataset, tag: Tag): number[] {
  const element = dataset.elements.get(tag)
  return element ? elementNumbers(dataset, element) : []
}

/** The numbers of an element. */
export function elementNumbers(dataset: DicomDataset, element: DicomElement): number[] {
  // A value of VR UN is little endian, and has the VR that the standard defines for the tag (PS3.5 6.2.2).
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

/** The items of a sequence; an empty list when it is missing or empty. */
export function sequence(dataset: DicomDataset, tag: Tag): readonly DicomDataset[] {
  return dataset.elements.get(tag)?.items ?? []
}

/** One component group of a person name: alphabetic, ideographic or phonetic (PS3.5 6.2.1.2). */
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

/**
 * The components of a person name as it is stored, for example "Yamada^Tarou=山田^太郎=やまだ^たろう".
 * Missing components are empty.
 */
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

/**
 * The UID of a tag that is required.
 * @error missing-uid
 */
export function requiredUid(dataset: DicomDataset, tag: Tag): string {
  const value = text(dataset, tag)
  if (value === '') throw new OutpostError('missing-uid', { element: tagText(tag) })
  return value
}
