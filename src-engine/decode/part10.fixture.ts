/** Makes small Part 10 files for tests, in explicit VR little endian. The test decides all of their bytes. */
import { joinedBytes } from '../../src-core/bytes.ts'

type Value = string | number | Uint8Array | readonly Uint8Array[]

/**
 * [tag, VR, value]. The fragments of encapsulated pixel data are a list of byte arrays; an empty Basic Offset Table
 * precedes them.
 */
export type Attribute = readonly [tag: number, vr: string, value: Value]

export function part10(TransferSyntaxUID: string, attributes: readonly Attribute[]): Uint8Array {
  const meta = elementBytes([0x00020010, 'UI', TransferSyntaxUID])
  const prefix = new Uint8Array(132)
  prefix.set(new TextEncoder().encode('DICM'), 128)
  const body = [...attributes].sort((a, b) => a[0] - b[0]).map(elementBytes)
  return joinedBytes([prefix, elementBytes([0x00020000, 'UL', meta.length]), meta, ...body])
}

/** Attributes of a grey image of the given size: 16 bits unless said otherwise. */
export function imageAttributes(
  Rows: number,
  Columns: number,
  pixelData: Value,
  changes: readonly Attribute[] = [],
): Attribute[] {
  const changed = new Map(changes.map((attribute) => [attribute[0], attribute]))
  const usual: Attribute[] = [
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.7'],
    [0x00080018, 'UI', '1.2.3.4'],
    [0x0020000d, 'UI', '1.2.3'],
    [0x0020000e, 'UI', '1.2.3.1'],
    [0x00280002, 'US', 1],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', Rows],
    [0x00280011, 'US', Columns],
    [0x00280100, 'US', 16],
    [0x00280101, 'US', 16],
    [0x00280102, 'US', 15],
    [0x00280103, 'US', 0],
    [0x7fe00010, 'OW', pixelData],
  ]
  return [...usual.filter(([tag]) => !changed.has(tag)), ...changes]
}

/** Little-endian bytes of 16-bit words. */
export function words(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer)
}

function elementBytes([tag, vr, value]: Attribute): Uint8Array {
  const long = ['OB', 'OW', 'OF', 'OD', 'SQ', 'UN'].includes(vr)
  if (Array.isArray(value)) {
    const items = [new Uint8Array(), ...(value as readonly Uint8Array[])].flatMap((fragment) => [
      itemHeader(0xe000, fragment.length),
      fragment,
    ])
    return joinedBytes([header(tag, vr, long, 0xffffffff), ...items, itemHeader(0xe0dd, 0)])
  }
  const bytes =
    value instanceof Uint8Array
      ? value
      : typeof value === 'number'
        ? vr === 'UL'
          ? new Uint8Array(Uint32Array.of(value).buffer)
          : words(value)
        : new TextEncoder().encode(value as string)
  const padded =
    bytes.length % 2 === 0 ? bytes : joinedBytes([bytes, Uint8Array.of(vr === 'UI' || vr[0] === 'O' ? 0 : 32)])
  return joinedBytes([header(tag, vr, long, padded.length), padded])
}

function header(tag: number, vr: string, long: boolean, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(long ? 12 : 8))
  view.setUint16(0, tag >>> 16, true)
  view.setUint16(2, tag & 0xffff, true)
  view.setUint8(4, vr.charCodeAt(0))
  view.setUint8(5, vr.charCodeAt(1))
  if (long) view.setUint32(8, length, true)
  else view.setUint16(6, length, true)
  return new Uint8Array(view.buffer)
}

function itemHeader(element: number, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint16(0, 0xfffe, true)
  view.setUint16(2, element, true)
  view.setUint32(4, length, true)
  return new Uint8Array(view.buffer)
}
