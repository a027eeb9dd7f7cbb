/** Data sets in the DICOM JSON model (PS3.18 Annex F). */
import type { DicomDataset, DicomElement, Tag } from './dataset.ts'
import { tagDigits, vrOf } from './dictionary.ts'
import { elementNumbers, elementText, elementTexts, valueBytes } from './values.ts'

/** One element: keys as PS3.18 F.2.2 spells them. */
export interface DicomJsonElement {
  vr: string
  Value?: unknown[]
  BulkDataURI?: string
  InlineBinary?: string
}
/** One data set: keys are 8 hexadecimal digits. */
export type DicomJson = Record<string, DicomJsonElement>

export interface JsonOptions {
  /** Where the bytes of an element can be fetched; undefined: the element is left without a value. */
  readonly bulkDataUri?: (tag: Tag) => string | undefined
  /** Longest binary value that stands inside, in bytes. */
  readonly inlineLimit?: number
  /** Elements that are wanted; absent: all. */
  readonly only?: ReadonlySet<Tag>
}

/**
 * What a viewer needs to show stored values: tables of modality, VOI and palette, and overlays, which stand inside up
 * to this length.
 */
const DISPLAY_LIMIT = 256 * 1024
const NUMERIC = new Set(['US', 'SS', 'UL', 'SL', 'FL', 'FD', 'IS', 'DS'])
const BINARY = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN'])

/**
 * @returns every element but group lengths and group 0002; pixel data and long binary values as BulkDataURI
 * @see PS3.18 F.2
 */
export function toDicomJson(dataset: DicomDataset, options: JsonOptions = {}): DicomJson {
  const json: DicomJson = {}
  for (const element of [...dataset.elements.values()].sort((one, other) => one.tag - other.tag)) {
    if ((element.tag & 0xffff) === 0 || element.tag >>> 16 === 2 || (options.only && !options.only.has(element.tag)))
      continue
    json[tagDigits(element.tag)] = elementJson(dataset, element, options)
  }
  // The text is Unicode now, whatever it was in the file (PS3.18 F.2.1.1).
  if (json['00080005']) json['00080005'] = { vr: 'CS', Value: ['ISO_IR 192'] }
  return json
}

function isForDisplay(tag: Tag): boolean {
  return tag === 0x00283006 || (tag >= 0x00281201 && tag <= 0x00281223) || (tag & 0xff01ffff) >>> 0 === 0x60003000
}

/**
 * Elements that the standard knows, written as UN by who did not know them: their values are little endian (PS3.5
 * 6.2.2).
 */
function known(element: DicomElement): DicomElement {
  if (element.vr !== 'UN' || element.items) return element
  const vr = vrOf(element.tag)
  return vr === 'UN' || vr === 'SQ' ? element : { ...element, vr }
}

function elementJson(given: DicomDataset, found: DicomElement, options: JsonOptions): DicomJsonElement {
  const element = known(found)
  const dataset = element !== found && !given.littleEndian ? { ...given, littleEndian: true } : given
  const vr = element.items ? 'SQ' : element.vr
  if (element.items)
    return {
      vr,
      ...(element.items.length > 0 && {
        Value: element.items.map((item) => toDicomJson(item, { ...options, only: undefined })),
      }),
    }
  if (element.fragments || BINARY.has(vr)) return binaryJson(dataset, element, vr, options)
  const Value = values(dataset, element)
  return Value.some((value) => value !== null) ? { vr, Value } : { vr }
}

function values(dataset: DicomDataset, element: DicomElement): unknown[] {
  const { vr } = element
  if (vr === 'UV' || vr === 'SV') return bigValues(dataset, element)
  if (vr === 'AT') return elementNumbers(dataset, element).map(tagDigits)
  if (vr === 'IS' || vr === 'DS') {
    // What is not a number is kept as text, which the model allows for these two.
    return elementTexts(dataset, element).map((value) =>
      value.trim() === '' ? null : Number.isFinite(Number(value)) ? Number(value) : value.trim(),
    )
  }
  if (NUMERIC.has(vr)) return elementNumbers(dataset, element).map((value) => (Number.isFinite(value) ? value : null))
  if (vr === 'PN') return elementTexts(dataset, element).map(personNameJson)
  if (vr === 'LT' || vr === 'ST' || vr === 'UT') {
    const whole = elementText(dataset, element)
    return whole === '' ? [] : [whole]
  }
  return elementTexts(dataset, element).map((value) => (value === '' ? null : value.trim()))
}

function bigValues(dataset: DicomDataset, element: DicomElement): string[] {
  const bytes = valueBytes(dataset, element)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const result: string[] = []
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    result.push(
      String(
        element.vr === 'UV' ? view.getBigUint64(at, dataset.littleEndian) : view.getBigInt64(at, dataset.littleEndian),
      ),
    )
  }
  return result
}

function personNameJson(value: string): Record<string, string> | null {
  const [Alphabetic, Ideographic, Phonetic] = value.split('=')
  const name = { ...(Alphabetic && { Alphabetic }), ...(Ideographic && { Ideographic }), ...(Phonetic && { Phonetic }) }
  return Object.keys(name).length > 0 ? name : null
}

function binaryJson(dataset: DicomDataset, element: DicomElement, vr: string, options: JsonOptions): DicomJsonElement {
  const pixels = element.fragments !== undefined || element.tag >>> 16 === 0x7fe0
  if (!pixels && element.valueLength === 0) return { vr }
  // Values wider than a byte would have to be swapped: a big endian one is never inlined.
  if (
    !pixels &&
    element.valueLength <= Math.max(options.inlineLimit ?? 256, isForDisplay(element.tag) ? DISPLAY_LIMIT : 0) &&
    (dataset.littleEndian || vr === 'OB' || vr === 'UN')
  ) {
    return { vr, InlineBinary: base64(valueBytes(dataset, element)) }
  }
  const BulkDataURI = options.bulkDataUri?.(element.tag)
  return BulkDataURI === undefined ? { vr } : { vr, BulkDataURI }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const triple = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text +=
      ALPHABET[triple >>> 18]! +
      ALPHABET[(triple >>> 12) & 63]! +
      (at + 1 < bytes.length ? ALPHABET[(triple >>> 6) & 63]! : '=') +
      (at + 2 < bytes.length ? ALPHABET[triple & 63]! : '=')
  }
  return text
}
