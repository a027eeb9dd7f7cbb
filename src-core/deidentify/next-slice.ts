/**
 * The short way through a series. Its images lie one after another, and their heads differ in the SOP Instance UID, a
 * few times and numbers, and what a
 * vendor adds; everything else stands in the next head bit for bit as in the last one, and so it does in what was made
 * of that. Nothing is decided here:
 * whatever is not of those few kinds must be the same, or the file goes the whole way (deidentifyInstance).
 */
import type { Tag } from '../dicom/dataset.ts'
import { isPrivate } from '../dicom/dictionary.ts'
import type { PixelDescription } from '../dicom/pixels/description.ts'
import type { DeidentifiedInstance } from './deidentify.ts'
import { shownPixels } from './native-pixels.ts'
import { WELL_KNOWN } from './rewrite.ts'

/** Values of an element that may vary, in bytes: no number, time or UID needs more. */
export const MOST_VALUE = 256
/** Of the value, in what filePreambleAndMeta writes. */
export const GROUP_LENGTH_AT = 140

/** First and one past the last. */
export interface Extent {
  readonly start: number
  readonly end: number
}

/**
 * What becomes of an element whatever it says: its UID is mapped, it is copied, or the output does not depend on it.
 */
export type Fate = 'mapped' | 'copied' | 'no trace'

export interface Varying {
  readonly tag: Tag
  readonly fate: Fate
  /** Of the length in the element's header: two or four. */
  readonly lengthBytes: number
  readonly empty: boolean
}

/** What the heads of a series have in common, and what is made of it. */
export interface SeriesHead {
  /** Of a file that went the whole way, up to the value of its pixel data. */
  readonly head: DataView
  /** Before, between and after the elements that vary: every byte of the head but their lengths and values. */
  readonly fixed: readonly Extent[]
  readonly varying: readonly Varying[]
  /** The place of the SOP Instance UID among those; -1 when it does not vary. */
  readonly mapped: number
  readonly pixelLength: number
  /** Of its pixels: those of the next file pass only if nothing is in them but what is shown. */
  readonly description: PixelDescription
  readonly output: Output
  readonly instance: DeidentifiedInstance
  readonly mapUid: (uid: string) => string
}

/** The new head, in the same way: fixed bytes, and between them the elements of these places among those that vary. */
export interface Output {
  readonly fixed: readonly Uint8Array[]
  readonly places: readonly number[]
  /** Of the new File Meta Information: bytes after its group length, the value of the SOP Instance UID left out. */
  readonly restOfMeta: number
  /** Where a head is put together, again and again. */
  readonly buffer: Uint8Array
  readonly view: DataView
}

/**
 * What deidentifyInstance makes of a file that differs from those before it in nothing but what may vary; null when it
 * does in anything else.
 * Both chunks are to be written before the next call: the head lies where the next one will, and the pixels are the
 * source's own bytes.
 */
export function nextSlice(series: SeriesHead, bytes: Uint8Array): DeidentifiedInstance | null {
  const { head, fixed, varying, mapped, instance } = series
  const view = viewOf(bytes)
  const values: Extent[] = []
  let at = 0
  for (let index = 0; ; index++) {
    const same = fixed[index]!
    if (!standsAt(view, at, head, same)) return null
    at += same.end - same.start
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
  const pixels = bytes.subarray(at)
  if (shownPixels(pixels, series.description) !== pixels) return null

  let { SOPInstanceUID } = instance
  if (mapped >= 0) {
    const uid = plainUid(bytes, values[mapped]!.start + 2, values[mapped]!.end)
    if (uid === null) return null
    SOPInstanceUID = series.mapUid(uid)
  }
  return { ...instance, SOPInstanceUID, chunks: [newHead(series, bytes, values, SOPInstanceUID), pixels] }
}

function newHead(
  { mapped, output: { fixed, places, buffer, view, restOfMeta } }: SeriesHead,
  bytes: Uint8Array,
  values: readonly Extent[],
  uid: string,
): Uint8Array {
  let at = 0
  for (let index = 0; ; index++) {
    buffer.set(fixed[index]!, at)
    at += fixed[index]!.length
    const place = places[index]
    if (place === undefined) break
    if (place === mapped) {
      const padded = uid.length + (uid.length & 1)
      view.setUint16(at, padded, true)
      for (let letter = 0; letter < padded; letter++)
        buffer[at + 2 + letter] = letter < uid.length ? uid.charCodeAt(letter) : 0
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
  for (let at = start; at < end; at++) if (bytes[at] !== 0x2e && (bytes[at]! < 0x30 || bytes[at]! > 0x39)) return null
  const uid = String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[])
  return uid === '' || uid.startsWith(WELL_KNOWN) ? null : uid
}

/** Whether bytes, from at on, has what other has from start to end. */
export function standsAt(bytes: DataView, at: number, other: DataView, { start, end }: Extent): boolean {
  if (at + end - start > bytes.byteLength) return false
  let from = start
  let here = at
  for (; from + 4 <= end; from += 4, here += 4)
    if (bytes.getInt32(here, true) !== other.getInt32(from, true)) return false
  for (; from < end; from++, here++) if (bytes.getUint8(here) !== other.getUint8(from)) return false
  return true
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
