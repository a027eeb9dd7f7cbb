/**
 * Builds elements, writes them as explicit VR little endian, and writes the head of a Part 10 file (PS3.5 section 7,
 * PS3.10 section 7.1).
 */
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomElement, Tag, VR } from './dataset.ts'
import { tagText } from './dictionary.ts'
import { valueBytes } from './values.ts'

/** An element to be written, with its value bytes (little endian; the writer pads them) or its items. */
export interface WritableElement {
  readonly tag: Tag
  readonly vr: VR
  readonly value: Uint8Array | readonly (readonly WritableElement[])[]
}

const LONG_VRS = new Set<VR>(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])
/** The number of bytes of one word of a VR, which is needed to swap big endian values. */
const WORD_BYTES: Partial<Record<VR, number>> = {
  US: 2,
  SS: 2,
  OW: 2,
  AT: 2,
  UL: 4,
  SL: 4,
  FL: 4,
  OF: 4,
  OL: 4,
  FD: 8,
  OD: 8,
  UV: 8,
  SV: 8,
  OV: 8,
}
const encoder = new TextEncoder()

/** Text of one or more values in UTF-8. When it is not plain ASCII, the data set must state ISO_IR 192. */
export function textElement(tag: Tag, vr: VR, value: string | readonly string[]): WritableElement {
  return { tag, vr, value: encoder.encode(typeof value === 'string' ? value : value.join('\\')) }
}

/**
 * Numbers of a binary VR.
 * @error bad-element when the VR is not one of US, SS, UL, SL, FL, FD, AT
 */
export function numberElement(tag: Tag, vr: VR, values: readonly number[]): WritableElement {
  const width = vr === 'AT' ? 4 : WORD_BYTES[vr]
  if (!width) throw new OutpostError('bad-element', { element: tagText(tag), vr })
  const bytes = new Uint8Array(values.length * width)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => {
    const at = index * width
    switch (vr) {
      case 'US':
        return view.setUint16(at, value, true)
      case 'SS':
        return view.setInt16(at, value, true)
      case 'UL':
        return view.setUint32(at, value, true)
      case 'SL':
        return view.setInt32(at, value, true)
      case 'FL':
        return view.setFloat32(at, value, true)
      case 'FD':
        return view.setFloat64(at, value, true)
      case 'AT':
        view.setUint16(at, value >>> 16, true)
        return view.setUint16(at + 2, value & 0xffff, true)
      default:
        throw new OutpostError('bad-element', { element: tagText(tag), vr })
    }
  })
  return { tag, vr, value: bytes }
}

/** Bytes that are little endian already. */
export function bytesElement(tag: Tag, vr: VR, value: Uint8Array): WritableElement {
  return { tag, vr, value }
}

/** A sequence. Its items are written with defined lengths. */
export function sequenceElement(tag: Tag, items: readonly (readonly WritableElement[])[]): WritableElement {
  return { tag, vr: 'SQ', value: items }
}

/**
 * An element that was read, ready to be written: implicit VR and big endian become explicit little endian, in items
 * too. Encapsulated pixel data cannot be rebuilt in this way; its bytes must be copied.
 * @error bad-element for encapsulated pixel data
 */
export function copyElement(dataset: DicomDataset, element: DicomElement): WritableElement {
  if (element.fragments) throw new OutpostError('bad-element', { element: tagText(element.tag) })
  if (element.items)
    return {
      tag: element.tag,
      vr: 'SQ',
      value: element.items.map((item) => [...item.elements.values()].map((inner) => copyElement(item, inner))),
    }
  const width = WORD_BYTES[element.vr]
  const bytes = valueBytes(dataset, element)
  return { tag: element.tag, vr: element.vr, value: dataset.littleEndian || !width ? bytes : swapped(bytes, width) }
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const result = Uint8Array.from(bytes)
  for (let at = 0; at + width <= result.length; at += width) result.subarray(at, at + width).reverse()
  return result
}

/** The lengths by element and by item, so that each is computed once, however deep it is nested. */
type Lengths = Map<object, number>

/** The size of a data set of these elements in explicit VR little endian, in bytes. */
export function datasetLength(elements: readonly WritableElement[]): number {
  return measure(elements, new Map())
}

function measure(elements: readonly WritableElement[], lengths: Lengths): number {
  let total = 0
  for (const element of elements) {
    const length = measureValue(element, lengths)
    lengths.set(element, length)
    total += (LONG_VRS.has(writtenVr(element, length)) ? 12 : 8) + length
  }
  lengths.set(elements, total)
  return total
}

function measureValue(element: WritableElement, lengths: Lengths): number {
  const { value } = element
  if (value instanceof Uint8Array) return value.length + (value.length & 1)
  let length = 0
  for (const item of value) length += 8 + measure(item, lengths)
  return length
}

/** A value that does not fit into a 16-bit length is written as UN, which has 32 bits (PS3.5 6.2.2). */
function writtenVr(element: WritableElement, length: number): VR {
  return !LONG_VRS.has(element.vr) && length > 0xfffe ? 'UN' : element.vr
}

/**
 * The elements in explicit VR little endian, ordered by tag.
 * @error bad-length when a value or sequence is 4 GiB or longer
 */
export function writeDataset(elements: readonly WritableElement[]): Uint8Array<ArrayBuffer> {
  const lengths: Lengths = new Map()
  const bytes = new Uint8Array(measure(elements, lengths))
  writeInto({ bytes, view: new DataView(bytes.buffer), lengths }, 0, elements)
  return bytes
}

interface Writer {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly lengths: Lengths
}

function writeInto(writer: Writer, start: number, elements: readonly WritableElement[]): number {
  const { bytes, view, lengths } = writer
  let position = start
  for (const element of elements.toSorted((left, right) => left.tag - right.tag)) {
    const length = lengths.get(element)!
    if (length >= 0xffffffff) throw new OutpostError('bad-length', { element: tagText(element.tag) })
    const vr = writtenVr(element, length)
    view.setUint16(position, element.tag >>> 16, true)
    view.setUint16(position + 2, element.tag & 0xffff, true)
    bytes[position + 4] = vr.charCodeAt(0)
    bytes[position + 5] = vr.charCodeAt(1)
    if (LONG_VRS.has(vr)) {
      view.setUint32(position + 8, length, true)
      position += 12
    } else {
      view.setUint16(position + 6, length, true)
      position += 8
    }
    position = writeValue(writer, position, element)
  }
  return position
}

function writeValue(writer: Writer, start: number, element: WritableElement): number {
  const { value } = element
  if (value instanceof Uint8Array) {
    writer.bytes.set(value, start)
    if (value.length & 1) writer.bytes[start + value.length] = padding(element.vr)
    return start + value.length + (value.length & 1)
  }
  let position = start
  for (const item of value) {
    writer.view.setUint32(position, 0xe000fffe, true)
    writer.view.setUint32(position + 4, writer.lengths.get(item)!, true)
    position = writeInto(writer, position + 8, item)
  }
  return position
}

/** Text is padded with a space, identifiers and bytes with a zero (PS3.5 6.2). */
function padding(vr: VR): number {
  return vr === 'UI' || vr === 'OB' || vr === 'UN' ? 0 : 0x20
}

/**
 * Outpost's class UID, made from a UUID as PS3.5 B.2 allows. It names the program that wrote a file, never a person or
 * place.
 */
export const IMPLEMENTATION_CLASS_UID = '2.25.269203311843297610153462518710947512833'
export const IMPLEMENTATION_VERSION_NAME = 'OUTPOST_01'

export interface FileMeta {
  readonly MediaStorageSOPClassUID: string
  readonly MediaStorageSOPInstanceUID: string
  readonly TransferSyntaxUID: string
  /** Absent: zeros. A preamble may be passed on only after its content was checked. */
  readonly preamble?: Uint8Array
}

/** (0002,0012) and (0002,0013), which are the same in every file. */
const IMPLEMENTATION = writeDataset([
  textElement(0x00020012, 'UI', IMPLEMENTATION_CLASS_UID),
  textElement(0x00020013, 'SH', IMPLEMENTATION_VERSION_NAME),
])
/** The element numbers of (0002,0002), (0002,0003) and (0002,0010). */
const IDENTIFIER_ELEMENTS = [0x0002, 0x0003, 0x0010]
const [DICM, UL, OB, UI] = [0x4449434d, 0x554c, 0x4f42, 0x5549]
/** The size of preamble, prefix, group length and (0002,0001), which takes 14 bytes. */
const META_START = 132 + 12 + 14

/** Encodes a text. For the few characters of an identifier a loop is faster than TextEncoder. */
function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return encoder.encode(text)
    bytes[index] = code
  }
  return bytes
}

/** Preamble, prefix and File Meta Information of a Part 10 file. The data set follows them (PS3.10 7.1). */
export function filePreambleAndMeta(meta: FileMeta): Uint8Array<ArrayBuffer> {
  const identifiers = [
    utf8(meta.MediaStorageSOPClassUID),
    utf8(meta.MediaStorageSOPInstanceUID),
    utf8(meta.TransferSyntaxUID),
  ]
  const size = identifiers.reduce(
    (sum, { length }) => sum + 8 + length + (length & 1),
    META_START + IMPLEMENTATION.length,
  )
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  if (meta.preamble) bytes.set(meta.preamble.subarray(0, 128))
  const header = (at: number, element: number, letters: number, length: number): void => {
    view.setUint32(at, element * 0x10000 + 2, true)
    view.setUint16(at + 4, letters)
    view.setUint16(at + 6, length, true)
  }
  view.setUint32(128, DICM)
  header(132, 0x0000, UL, 4)
  view.setUint32(140, size - 144, true)
  header(144, 0x0001, OB, 0)
  view.setUint32(152, 2, true)
  view.setUint16(156, 0x0100, true)
  let at = META_START
  for (const [index, value] of identifiers.entries()) {
    header(at, IDENTIFIER_ELEMENTS[index]!, UI, value.length + (value.length & 1))
    bytes.set(value, at + 8)
    at += 8 + value.length + (value.length & 1)
  }
  bytes.set(IMPLEMENTATION, at)
  return bytes
}
