/** Converts data sets to the DICOM JSON model (PS3.18 Annex F). */
import type { DicomDataset, DicomElement, Tag } from './dataset.ts'
import { tagDigits, vrOf } from './dictionary.ts'
import { elementNumbers, elementText, elementTexts, valueBytes } from './values.ts'

/** One element. The keys are spelled as in PS3.18 F.2.2. */
export interface DicomJsonElement {
  vr: string
  Value?: unknown[]
  BulkDataURI?: string
  InlineBinary?: string
}
/** One data set. The keys are 8 hexadecimal digits. */
export type DicomJson = Record<string, DicomJsonElement>

export interface JsonOptions {
  /** The address of an element's bytes; undefined: the element has no value in the JSON. */
  readonly bulkDataUri?: (tag: Tag) => string | undefined
  /** The longest binary value that is written inline, in bytes. */
  readonly inlineLimit?: number
  /** The elements to convert; absent: all of them. */
  readonly only?: ReadonlySet<Tag>
}

/**
 * The longest inline value, in bytes, of the elements that a viewer needs to display stored values: tables of modality,
 * VOI and palette, and overlays.
 */
const DISPLAY_LIMIT = 256 * 1024
const NUMERIC = new Set(['US', 'SS', 'UL', 'SL', 'FL', 'FD', 'IS', 'DS'])
const BINARY = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN'])

/**
 * @returns every element except group lengths and group 0002; pixel data and long binary values as BulkDataURI
 * @see PS3.18 F.2
 */
export function toDicomJson(dataset: DicomDataset, options: JsonOptions = {}): DicomJson {
  const json: DicomJson = {}
  for (const element of [...dataset.elements.values()].sort((left, right) => left.tag - right.tag)) {
    if ((element.tag & 0xffff) === 0 || element.tag >>> 16 === 2 || (options.only && !options.only.has(element.tag)))
      continue
    json[tagDigits(element.tag)] = elementJson(dataset, element, options)
  }
  // The text is Unicode in JSON, whatever character set the file has (PS3.18 F.2.1.1).
  if (json['00080005']) json['00080005'] = { vr: 'CS', Value: ['ISO_IR 192'] }
  return json
}

function isForDisplay(tag: Tag): boolean {
  return tag === 0x00283006 || (tag >= 0x00281201 && tag <= 0x00281223) || (tag & 0xff01ffff) >>> 0 === 0x60003000
}

/**
 * The element with the VR of the standard when its writer did not know it and wrote UN. Such values are little endian
 * (PS3.5 6.2.2).
 */
function withKnownVr(element: DicomElement): DicomElement {
  if (element.vr !== 'UN' || element.items) return element
  const vr = vrOf(element.tag)
  return vr === 'UN' || vr === 'SQ' ? element : { ...element, vr }
}

function elementJson(sourceDataset: DicomDataset, sourceElement: DicomElement, options: JsonOptions): DicomJsonElement {
  const element = withKnownVr(sourceElement)
  const dataset =
    element !== sourceElement && !sourceDataset.littleEndian ? { ...sourceDataset, littleEndian: true } : sourceDataset
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
    // A value that is not a number is kept as text, which the model allows for these two VRs.
    return elementTexts(dataset, element).map((value) =>
      value.trim() === '' ? null : Number.isFinite(Number(value)) ? Number(value) : value.trim(),
    )
  }
  if (NUMERIC.has(vr)) return elementNumbers(dataset, element).map((value) => (Number.isFinite(value) ? value : null))
  if (vr === 'PN') return elementTexts(dataset, element).map(personNameJson)
  if (vr === 'LT' || vr === 'ST' || vr === 'UT') {
    const fullText = elementText(dataset, element)
    return fullText === '' ? [] : [fullText]
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
  // A big endian value with words wider than a byte is never inlined, because it would have to be swapped.
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
