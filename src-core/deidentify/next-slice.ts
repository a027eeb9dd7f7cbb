/**
 * The short way through a series. Its images lie one after another, and their heads differ in the SOP Instance UID, a few times and numbers, and what a
 * vendor adds; everything else stands in the next head bit for bit as in the last one, and so it does in what was made of that. Nothing is decided here:
 * whatever is not of those few kinds must be the same, or the file goes the whole way (deidentifyInstance).
 */
import type { DicomElement, DicomFile, Tag, VR } from '../dicom/dataset.ts'
import { isPrivate, TAG } from '../dicom/dictionary.ts'
import { parseElements } from '../dicom/parse-elements.ts'
import { parseDicom } from '../dicom/parse.ts'
import type { DeidentifiedInstance, DeidentifyContext } from './deidentify.ts'
import { planner, type Plan } from './plan.ts'

/** Longer heads go the whole way, and so does longer File Meta Information; values that no number, time or UID needs do, too. */
const MOST_HEAD = 256 * 1024
const MOST_META = 32 * 1024
const MOST_VALUE = 256
const FIRST_OF_DATASET = 0x00030000
const GROUP_LENGTH = 0x00020000
/** Of the value, in what filePreambleAndMeta writes. */
const GROUP_LENGTH_AT = 140
const MEDIA_STORAGE_SOP_INSTANCE_UID = 0x00020003
const NUMBERS = new Set<VR>(['DS', 'IS', 'FL', 'FD'])
const TIMES = new Set<VR>(['DA', 'TM', 'DT'])
const WELL_KNOWN = '1.2.840.10008.'

/** What becomes of an element whatever it says: its UID is mapped, it is copied, or the output does not depend on it. */
type Fate = 'mapped' | 'copied' | 'no trace'

interface Varying {
  readonly tag: Tag
  readonly fate: Fate
  /** Of the length in the element's header: two or four. */
  readonly lengthBytes: number
  readonly empty: boolean
}

/** What the heads of a series have in common, and what is made of it. */
export interface SeriesHead {
  readonly head: Uint8Array
  readonly elements: ReadonlyMap<Tag, DicomElement>
  /** Before, between and after the elements that vary: every byte but their lengths and values. */
  readonly fixed: readonly DataView[]
  readonly varying: readonly Varying[]
  readonly pixelLength: number
  readonly output: Output
  readonly instance: DeidentifiedInstance
  readonly mapUid: (uid: string) => string
}

/** The new head, in the same way: fixed bytes, and between them the elements of these places among those that vary. */
interface Output {
  readonly fixed: readonly Uint8Array[]
  readonly places: readonly number[]
  /** Of the new File Meta Information: bytes after its group length, the value of the SOP Instance UID left out. */
  readonly restOfMeta: number
  /** Where a head is put together, again and again. */
  readonly buffer: Uint8Array
  readonly view: DataView
}

/**
 * The head of a file that went the whole way, for the files after it.
 * @param context of the file; those after it that nextSlice takes are of the same patient, so it is theirs
 * @param last of a file before: what varied there, or differs from there to here, may vary from now on
 * @returns null unless the file is one of native pixels in explicit VR little endian, passed on as they are, with nothing behind them
 */
export function seriesHead(file: DicomFile, context: DeidentifyContext, instance: DeidentifiedInstance, last: SeriesHead | null): SeriesHead | null {
  const { dataset: { bytes, elements, explicitVR, littleEndian }, meta } = file
  const pixels = elements.get(TAG.PixelData)
  if (!meta?.explicitVR || meta.bytes !== bytes || !explicitVR || !littleEndian || !pixels || pixels.end !== bytes.length || context.preview) return null
  const passedOn = instance.chunks.at(-1)!
  if (passedOn.buffer !== bytes.buffer || passedOn.byteOffset !== bytes.byteOffset + pixels.valueStart || passedOn.length !== bytes.length - pixels.valueStart) return null

  const all = everyElement(file)
  if (pixels.valueStart > MOST_HEAD || elements.values().next().value!.start > MOST_META) return null
  const head = bytes.slice(0, pixels.valueStart)
  const planOf = planner(context.options)
  const fixed: DataView[] = []
  const varying: Varying[] = []
  let at = 0
  let highest = -1
  for (const element of all.values()) {
    const { tag, start, valueStart, end, valueLength } = element
    // Each once, in the order of tags: then what stands before an element has no say in what it is.
    if (start < at || tag <= highest) return null
    highest = tag
    const fate = isPrivate(tag) ? fateOfPrivate(element, context) : fateOf(element, planOf(tag))
    if (!fate || !last || !(last.varying.some((known) => known.tag === tag) || differs(last, head, element))) continue
    const lengthBytes = valueStart - start === 8 ? 2 : 4
    fixed.push(viewOf(head.subarray(at, valueStart - lengthBytes)))
    varying.push({ tag, fate, lengthBytes, empty: valueLength === 0 })
    at = end
  }
  fixed.push(viewOf(head.subarray(at)))
  const newHead = join(instance.chunks.slice(0, -1))
  const output = outputOf(newHead, varying)
  const series = { head, elements: all, fixed, varying, pixelLength: pixels.valueLength, output, instance: { ...instance, chunks: [] }, mapUid: context.mapUid }
  // What it makes of the file that it was made of must be what the whole way made.
  const again = nextSlice(series, bytes)
  return again && sameBytes(again.chunks[0]!, newHead) ? series : null
}

/** In the order of the file; with private ones, which the parser may have been told to read over. */
function everyElement({ dataset, meta }: DicomFile): Map<Tag, DicomElement> {
  const all = new Map(meta?.elements)
  let at = Infinity
  for (const element of dataset.elements.values()) {
    if (element.start > at) {
      const between = parseElements(dataset.bytes, at, { littleEndian: true, explicitVR: true, stopAtPixelData: false, untilTag: Infinity, limit: element.start })
      for (const [tag, skipped] of between.dataset.elements) all.set(tag, skipped)
    }
    all.set(element.tag, element)
    at = element.end
  }
  return all
}

/** Private elements go, whatever they say, unless some are asked for as safe. */
function fateOfPrivate({ items, undefinedLength }: DicomElement, { options }: DeidentifyContext): Fate | null {
  return options.has('retainSafePrivate') || items || undefinedLength ? null : 'no trace'
}

/** What becomes of an element that may vary; null for one that must not. */
function fateOf({ tag, vr, start, valueStart, valueLength }: DicomElement, plan: Plan): Fate | null {
  if (valueStart - start !== 8 || valueLength > MOST_VALUE || (valueLength & 1) === 1) return null
  // The File Meta Information is written anew.
  if (tag < FIRST_OF_DATASET) return tag === GROUP_LENGTH || tag === MEDIA_STORAGE_SOP_INSTANCE_UID ? 'no trace' : null
  // An attribute written as what it is not may still be read for what it is.
  if (plan.vr !== vr || plan.action === null || plan.action === 'C') return null
  if (tag === TAG.SOPInstanceUID) return plan.action === 'U' ? 'mapped' : null
  if (plan.action !== 'K') return NUMBERS.has(vr) || TIMES.has(vr) ? 'no trace' : null
  // Integers of group 0028 describe the pixels: how many frames there are.
  return NUMBERS.has(vr) && !(vr === 'IS' && tag >>> 16 === 0x0028) ? 'copied' : null
}

function differs(last: SeriesHead, head: Uint8Array, { tag, start, end }: DicomElement): boolean {
  const other = last.elements.get(tag)
  return other !== undefined && !sameBytes(head.subarray(start, end), last.head.subarray(other.start, other.end))
}

function outputOf(head: Uint8Array, varying: readonly Varying[]): Output {
  const { meta, dataset } = parseDicom(head, { stopAtPixelData: true })
  const fixed: Uint8Array[] = []
  const places: number[] = []
  let at = 0
  const cut = (element: DicomElement | undefined, place: number): void => {
    fixed.push(head.subarray(at, element!.start + 6))
    places.push(place)
    at = element!.end
  }
  const mapped = varying.findIndex(({ fate }) => fate === 'mapped')
  if (mapped >= 0) cut(meta!.elements.get(MEDIA_STORAGE_SOP_INSTANCE_UID), mapped)
  varying.forEach(({ tag, fate }, place) => { if (fate !== 'no trace') cut(dataset.elements.get(tag), place) })
  fixed.push(head.subarray(at))
  const buffer = new Uint8Array(head.length + places.length * (2 + MOST_VALUE))
  const uid = meta!.elements.get(MEDIA_STORAGE_SOP_INSTANCE_UID)!
  return { fixed, places, restOfMeta: viewOf(head).getUint32(GROUP_LENGTH_AT, true) - uid.valueLength, buffer, view: viewOf(buffer) }
}

/**
 * What deidentifyInstance makes of a file that differs from those before it in nothing but what may vary; null when it does in anything else.
 * Both chunks are to be written before the next call: the head lies where the next one will, and the pixels are the source's own bytes.
 */
export function nextSlice(series: SeriesHead, bytes: Uint8Array): DeidentifiedInstance | null {
  const { fixed, varying, instance } = series
  const view = viewOf(bytes)
  const values: Extent[] = []
  let at = 0
  for (let index = 0; ; index++) {
    if (!standsAt(view, at, fixed[index]!)) return null
    at += fixed[index]!.byteLength
    if (index === varying.length) break
    const { tag, lengthBytes, empty } = varying[index]!
    if (at + lengthBytes > bytes.length) return null
    const length = lengthBytes === 2 ? view.getUint16(at, true) : view.getUint32(at, true)
    if (!isPrivate(tag) && ((length & 1) === 1 || length > MOST_VALUE || (length === 0) !== empty)) return null
    const end = at + lengthBytes + length
    values.push({ start: at, end })
    at = end
  }
  if (bytes.length !== at + series.pixelLength) return null

  let { SOPInstanceUID } = instance
  const mapped = varying.findIndex(({ fate }) => fate === 'mapped')
  if (mapped >= 0) {
    const uid = plainUid(bytes, values[mapped]!.start + 2, values[mapped]!.end)
    if (uid === null) return null
    SOPInstanceUID = series.mapUid(uid)
  }
  return { ...instance, SOPInstanceUID, chunks: [newHead(series, bytes, values, mapped, SOPInstanceUID), bytes.subarray(at)] }
}

/** Where a length of two bytes begins, and where the value after it ends. */
interface Extent { readonly start: number; readonly end: number }

function newHead({ output: { fixed, places, buffer, view, restOfMeta } }: SeriesHead, bytes: Uint8Array, values: readonly Extent[], mapped: number, uid: string): Uint8Array {
  let at = 0
  for (let index = 0; ; index++) {
    buffer.set(fixed[index]!, at)
    at += fixed[index]!.length
    const place = places[index]
    if (place === undefined) break
    if (place === mapped) {
      const padded = uid.length + (uid.length & 1)
      view.setUint16(at, padded, true)
      for (let letter = 0; letter < padded; letter++) buffer[at + 2 + letter] = letter < uid.length ? uid.charCodeAt(letter) : 0
      at += 2 + padded
    } else {
      const { start, end } = values[place]!
      for (let from = start; from < end; from++) buffer[at++] = bytes[from]!
    }
  }
  view.setUint32(GROUP_LENGTH_AT, restOfMeta + uid.length + (uid.length & 1), true)
  return buffer.subarray(0, at)
}

/** Digits and dots without their padding; null for anything else, and for what the standard itself names. */
function plainUid(bytes: Uint8Array, start: number, end: number): string | null {
  while (end > start && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end--
  const letters = bytes.subarray(start, end)
  if (letters.length === 0 || letters.some((letter) => letter !== 0x2e && (letter < 0x30 || letter > 0x39))) return null
  const uid = String.fromCharCode.apply(null, letters as unknown as number[])
  return uid.startsWith(WELL_KNOWN) ? null : uid
}

function standsAt(bytes: DataView, at: number, part: DataView): boolean {
  const { byteLength } = part
  if (at + byteLength > bytes.byteLength) return false
  let index = 0
  for (; index + 4 <= byteLength; index += 4) if (bytes.getInt32(at + index, true) !== part.getInt32(index, true)) return false
  for (; index < byteLength; index++) if (bytes.getUint8(at + index) !== part.getUint8(index)) return false
  return true
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && standsAt(viewOf(one), 0, viewOf(other))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
