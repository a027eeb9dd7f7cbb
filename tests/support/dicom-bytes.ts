/**
 * Writes DICOM files that a correct writer would not: any VR letters, any length, repeated elements in any order, in
 * every encoding of a data set.
 */
import { joinedBytes } from '../../src-core/bytes.ts'
import { deflateRawSync } from 'node:zlib'

export interface OddElement {
  readonly tag: number
  /** Two characters, including ones that are not a VR; written only in an explicit data set. */
  readonly vr: string
  /** Text, the numbers of the VR, or bytes that are written unchanged. When absent, the value is empty. */
  readonly value?: string | readonly number[] | Uint8Array
  readonly items?: readonly (readonly OddElement[])[]
  /** Encapsulated pixel data; an empty Basic Offset Table is written before these fragments. */
  readonly fragments?: readonly Uint8Array[]
  /** Gives the pixel data a defined length, without a delimiter after the fragments. */
  readonly definedLength?: boolean
  /** Leaves a value of odd length without padding. */
  readonly unpadded?: boolean
}

interface Encoding {
  readonly littleEndian: boolean
  readonly explicitVR: boolean
}

const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])
const WIDTH: Readonly<Record<string, number>> = { US: 2, SS: 2, OW: 2, UL: 4, SL: 4, AT: 4 }
const UNDEFINED = 0xffffffff

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  '1.2.840.10008.1.2': { littleEndian: true, explicitVR: false },
  '1.2.840.113619.5.2': { littleEndian: true, explicitVR: false },
  '1.2.840.10008.1.2.2': { littleEndian: false, explicitVR: true },
}
const EXPLICIT_LITTLE: Encoding = { littleEndian: true, explicitVR: true }
const DEFLATED = '1.2.840.10008.1.2.1.99'
const PRIVATE_GE = '1.2.840.113619.5.2'

/** Returns a Part 10 file with the elements in the given order. */
export function encoded(
  TransferSyntaxUID: string,
  elements: readonly OddElement[],
  { moreMeta = [] }: { moreMeta?: readonly OddElement[] } = {},
): Uint8Array {
  const encoding = ENCODINGS[TransferSyntaxUID] ?? EXPLICIT_LITTLE
  const meta = [{ tag: 0x00020010, vr: 'UI', value: TransferSyntaxUID }, ...moreMeta]
  const metaBytes = joinedBytes(meta.map((element) => elementBytes(element, EXPLICIT_LITTLE)))
  const prefix = new Uint8Array(132)
  prefix.set(new TextEncoder().encode('DICM'), 128)
  const groupLength = elementBytes({ tag: 0x00020000, vr: 'UL', value: [metaBytes.length] }, EXPLICIT_LITTLE)
  const body = joinedBytes(
    elements.map((element) =>
      elementBytes(
        TransferSyntaxUID === PRIVATE_GE && element.tag === 0x7fe00010 && element.value instanceof Uint8Array
          ? { ...element, value: swapped(element.value, 2) }
          : element,
        encoding,
      ),
    ),
  )
  const dataset = TransferSyntaxUID === DEFLATED ? new Uint8Array(deflateRawSync(body)) : body
  return joinedBytes([prefix, groupLength, metaBytes, dataset])
}

function elementBytes(element: OddElement, encoding: Encoding): Uint8Array {
  if (element.fragments) {
    const items = joinedBytes(
      [new Uint8Array(), ...element.fragments].flatMap((fragment) => [
        itemHeader(0xe000, fragment.length + (fragment.length & 1), encoding),
        padded(fragment, 0),
      ]),
    )
    return element.definedLength
      ? joinedBytes([header(element, items.length, encoding), items])
      : joinedBytes([header(element, UNDEFINED, encoding), items, itemHeader(0xe0dd, 0, encoding)])
  }
  if (element.items) {
    const items = joinedBytes(
      element.items.map((item) => {
        const bytes = joinedBytes(item.map((inner) => elementBytes(inner, encoding)))
        return joinedBytes([itemHeader(0xe000, bytes.length, encoding), bytes])
      }),
    )
    return joinedBytes([header(element, items.length, encoding), items])
  }
  const bytes = valueBytes(element, encoding)
  const value = element.unpadded ? bytes : padded(bytes, element.vr === 'UI' || element.vr[0] === 'O' ? 0 : 0x20)
  return joinedBytes([header(element, value.length, encoding), value])
}

function valueBytes({ vr, value = '' }: OddElement, { littleEndian }: Encoding): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value)
  const width = WIDTH[vr] ?? 2
  if (value instanceof Uint8Array) return littleEndian || !(vr in WIDTH) ? value : swapped(value, width)
  const bytes = new Uint8Array(value.length * width)
  const view = new DataView(bytes.buffer)
  value.forEach((number, index) =>
    width === 4 ? view.setUint32(index * 4, number, littleEndian) : view.setUint16(index * 2, number, littleEndian),
  )
  return bytes
}

function header({ tag, vr }: OddElement, length: number, { littleEndian, explicitVR }: Encoding): Uint8Array {
  const long = explicitVR && LONG.has(vr)
  const view = new DataView(new ArrayBuffer(long ? 12 : 8))
  view.setUint16(0, tag >>> 16, littleEndian)
  view.setUint16(2, tag & 0xffff, littleEndian)
  if (!explicitVR) view.setUint32(4, length, littleEndian)
  else {
    view.setUint8(4, vr.charCodeAt(0))
    view.setUint8(5, vr.charCodeAt(1))
    if (long) view.setUint32(8, length, littleEndian)
    else view.setUint16(6, length, littleEndian)
  }
  return new Uint8Array(view.buffer)
}

function itemHeader(element: number, length: number, { littleEndian }: Encoding): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint16(0, 0xfffe, littleEndian)
  view.setUint16(2, element, littleEndian)
  view.setUint32(4, length, littleEndian)
  return new Uint8Array(view.buffer)
}

function padded(bytes: Uint8Array, padding: number): Uint8Array {
  return bytes.length % 2 === 0 ? bytes : joinedBytes([bytes, Uint8Array.of(padding)])
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const result = Uint8Array.from(bytes)
  for (let at = 0; at + width <= result.length; at += width) result.subarray(at, at + width).reverse()
  return result
}
