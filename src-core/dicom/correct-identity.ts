/**
 * Gives a file another patient identity and records the former one in Original Attributes Sequence (PS3.3 C.12.1.1.9).
 * All other bytes stay the same.
 */
import { joinedBytes } from '../bytes.ts'
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomElement, DicomFile, Tag, VR } from './dataset.ts'
import { TAG, vrOf } from './dictionary.ts'
import { decodeBytes } from './text.ts'
import { elementText, text, valueBytes } from './values.ts'

export const IDENTITY_KEYWORDS = [
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'PatientBirthDate',
  'PatientSex',
] as const
export type IdentityKeyword = (typeof IDENTITY_KEYWORDS)[number]
export type PatientIdentity = Readonly<Record<IdentityKeyword, string>>

/** The facts about the change that are recorded in the file. */
export interface CorrectionStamp {
  /** A value of VR DT (PS3.5 6.2), for example 20261121103000.000000+0000. */
  readonly AttributeModificationDateTime: string
  readonly ModifyingSystem: string
  readonly SourceOfPreviousValues: string
}

export interface CorrectedHead {
  /**
   * The bytes from start to end of the file are replaced; those before and after are kept. `start` is the first byte of
   * the data set, `end` the first byte after its head.
   */
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

/** An element that is ready to be written: its encoded value, or the items of a sequence. */
interface Piece {
  readonly tag: Tag
  readonly vr: VR
  readonly value: Uint8Array | readonly (readonly Piece[])[]
}
interface Encoding {
  readonly explicitVR: boolean
  readonly littleEndian: boolean
}

const LONG_VRS = new Set<VR>(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])
const TEXT_VRS = new Set<VR>(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT'])
const UTF8 = new TextEncoder()
const UNICODE = 'ISO_IR 192'

/**
 * The head of a file with another identity. Group lengths are left out, because they would be wrong.
 * @param file read up to its pixel data at most, from bytes that hold its head
 * @param identity the new values; attributes that are absent are not changed
 * @returns null when the file has these values already
 * @error identity-not-correctable when the texts of the file cannot be converted to a character set that has the
 * letters of the new values, or its earlier changes cannot be read
 * @see PS3.3 C.12.1
 */
export function correctedHead(
  file: DicomFile,
  identity: Partial<PatientIdentity>,
  stamp: CorrectionStamp,
): CorrectedHead | null {
  const { dataset } = file
  const changed = IDENTITY_KEYWORDS.filter(
    (keyword) => identity[keyword] !== undefined && text(dataset, TAG[keyword]) !== identity[keyword],
  )
  if (changed.length === 0) return null
  const elements = [...dataset.elements.values()]
  const start = Math.min(...elements.map((element) => element.start))
  const end = file.pixelData
    ? file.pixelData.valueStart - (dataset.explicitVR ? 12 : 8)
    : Math.max(...elements.map((element) => element.end))

  const encode = encoderFor(
    dataset,
    changed.map((keyword) => identity[keyword]!),
  )
  const transcode = encode.transcode
  const formerPiece = (element: DicomElement): Piece =>
    transcode ? transcoded(dataset, element) : { tag: element.tag, vr: element.vr, value: valueBytes(dataset, element) }
  const modified = changed.map((keyword): Piece => {
    const element = dataset.elements.get(TAG[keyword])
    return element ? formerPiece(element) : { tag: TAG[keyword], vr: vrOf(TAG[keyword]), value: new Uint8Array(0) }
  })
  const replaced = new Map<Tag, Uint8Array>()
  const replace = (piece: Piece): void => void replaced.set(piece.tag, encodePieces([piece], dataset))
  for (const keyword of changed)
    replace({ tag: TAG[keyword], vr: vrOf(TAG[keyword]), value: encode.bytes(identity[keyword]!) })
  if (encode.unicode) replace(plainPiece(TAG.SpecificCharacterSet, UNICODE))
  replaced.set(
    TAG.OriginalAttributesSequence,
    originalAttributes(dataset, transcode, [
      { tag: TAG.ModifiedAttributesSequence, vr: 'SQ', value: [modified] },
      plainPiece(TAG.AttributeModificationDateTime, stamp.AttributeModificationDateTime),
      plainPiece(TAG.ModifyingSystem, stamp.ModifyingSystem),
      plainPiece(TAG.SourceOfPreviousValues, stamp.SourceOfPreviousValues),
      plainPiece(TAG.ReasonForTheAttributeModification, 'COERCE'),
    ]),
  )
  const parts = new Map<Tag, Uint8Array>()
  for (const element of elements) {
    if ((element.tag & 0xffff) === 0) continue
    parts.set(
      element.tag,
      transcode && holdsText(dataset, element)
        ? encodePieces([transcoded(dataset, element)], dataset)
        : dataset.bytes.subarray(element.start, element.end),
    )
  }
  for (const [tag, bytes] of replaced) parts.set(tag, bytes)
  return {
    start,
    end,
    bytes: joinedBytes([...parts].sort(([leftTag], [rightTag]) => leftTag - rightTag).map(([, bytes]) => bytes)),
  }
}

function plainPiece(tag: Tag, value: string): Piece {
  return { tag, vr: vrOf(tag), value: UTF8.encode(value) }
}

/** Original Attributes Sequence with the existing items and a new one. */
function originalAttributes(dataset: DicomDataset, transcode: boolean, item: readonly Piece[]): Uint8Array {
  const tag = TAG.OriginalAttributesSequence
  const existing = dataset.elements.get(tag)
  if (existing && existing.valueLength > 0 && !existing.items) throw new OutpostError('identity-not-correctable')
  const existingItems = !existing?.items
    ? []
    : transcode
      ? (transcoded(dataset, existing).value as readonly (readonly Piece[])[])
      : []
  if (transcode || !existing?.items) return encodePieces([{ tag, vr: 'SQ', value: [...existingItems, item] }], dataset)
  // The existing items keep their bytes; only the length of the sequence grows.
  const added = encodeItems([item], dataset)
  const value = valueBytes(dataset, existing)
  return joinedBytes([elementHeader(tag, 'SQ', value.length + added.length, dataset), value, added])
}

interface TextEncoding {
  bytes(value: string): Uint8Array
  /** Whether SpecificCharacterSet must be changed to ISO_IR 192. */
  readonly unicode: boolean
  /** Whether the other texts of the file must be converted to UTF-8 too. */
  readonly transcode: boolean
}

/** How new values are encoded: in the file's own character set where it has their letters, else as UTF-8. */
function encoderFor(dataset: DicomDataset, values: readonly string[]): TextEncoding {
  const sets = dataset.characterSets
  const encodeInOwnSet = ownEncoder(sets)
  if (values.every((value) => encodeInOwnSet(value) !== null))
    return { bytes: (value) => encodeInOwnSet(value)!, unicode: false, transcode: false }
  const hasPlainTexts = [...dataset.elements.values()].every((element) => !holdsText(dataset, element))
  if (!hasPlainTexts && !dataset.littleEndian) throw new OutpostError('identity-not-correctable')
  return { bytes: (value) => UTF8.encode(value), unicode: true, transcode: !hasPlainTexts }
}

/**
 * Returns a function that encodes a text in a character set of one byte per letter, or in UTF-8. The function returns
 * null for a text with a letter that the set does not have.
 */
function ownEncoder(sets: readonly string[]): (value: string) => Uint8Array | null {
  if (sets.length === 1 && sets[0] === UNICODE) return (value) => UTF8.encode(value)
  const letters = new Map<string, number>()
  if (sets.length === 1 && /^ISO_IR (100|101|109|110|144|127|126|138|148|203|166)$/.test(sets[0]!)) {
    for (let byte = 0xa0; byte <= 0xff; byte++) {
      const letter = decodeBytes(Uint8Array.of(byte), sets)
      if (letter.length === 1 && letter !== '\ufffd') letters.set(letter, byte)
    }
  }
  return (value) => {
    const bytes = Array.from(value, (letter) =>
      /[\x20-\x7e]/.test(letter) ? letter.charCodeAt(0) : letters.get(letter),
    )
    return bytes.includes(undefined) ? null : Uint8Array.from(bytes as number[])
  }
}

/** Whether an element has letters that depend on the character set, at any depth. */
function holdsText(dataset: DicomDataset, element: DicomElement): boolean {
  if (element.items)
    return element.items.some(
      (item) =>
        item.elements.has(TAG.SpecificCharacterSet) ||
        [...item.elements.values()].some((inner) => holdsText(item, inner)),
    )
  if (element.fragments || !(TEXT_VRS.has(element.vr) || element.vr === 'UN')) return false
  return valueBytes(dataset, element).some((byte) => byte >= 0x80 || byte === 0x1b)
}

function transcoded(dataset: DicomDataset, element: DicomElement): Piece {
  const { tag, vr } = element
  if (element.items)
    return {
      tag,
      vr: 'SQ',
      value: element.items.map((item) =>
        [...item.elements.values()]
          .filter((inner) => (inner.tag & 0xffff) !== 0)
          .map((inner) => transcoded(item, inner)),
      ),
    }
  if (tag === TAG.SpecificCharacterSet) return plainPiece(tag, UNICODE)
  return {
    tag,
    vr,
    value: TEXT_VRS.has(vr) ? UTF8.encode(elementText(dataset, element)) : valueBytes(dataset, element),
  }
}

function encodePieces(pieces: readonly Piece[], encoding: Encoding): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { tag, vr, value } of pieces) {
    if (value instanceof Uint8Array) {
      const paddingByte =
        value.length & 1 ? Uint8Array.of(vr === 'UI' || vr === 'OB' || vr === 'UN' ? 0 : 0x20) : new Uint8Array(0)
      // A value that does not fit into the 16-bit length of its VR is written as UN (PS3.5 6.2.2).
      const written = !LONG_VRS.has(vr) && value.length > 0xfffe ? 'UN' : vr
      parts.push(elementHeader(tag, written, value.length + paddingByte.length, encoding), value, paddingByte)
    } else {
      const items = encodeItems(value, encoding)
      parts.push(elementHeader(tag, 'SQ', items.length, encoding), items)
    }
  }
  return joinedBytes(parts)
}

function encodeItems(items: readonly (readonly Piece[])[], encoding: Encoding): Uint8Array {
  return joinedBytes(
    items.flatMap((item) => {
      const content = encodePieces(item, encoding)
      return [elementHeader(0xfffee000, 'UN', content.length, { ...encoding, explicitVR: false }), content]
    }),
  )
}

function elementHeader(tag: Tag, vr: VR, length: number, { explicitVR, littleEndian }: Encoding): Uint8Array {
  const long = explicitVR && LONG_VRS.has(vr)
  const bytes = new Uint8Array(long ? 12 : 8)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, tag >>> 16, littleEndian)
  view.setUint16(2, tag & 0xffff, littleEndian)
  if (explicitVR) {
    bytes[4] = vr.charCodeAt(0)
    bytes[5] = vr.charCodeAt(1)
  }
  if (explicitVR && !long) view.setUint16(6, length, littleEndian)
  else view.setUint32(long ? 8 : 4, length, littleEndian)
  return bytes
}
