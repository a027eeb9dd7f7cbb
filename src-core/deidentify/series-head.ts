/** What the head of one file teaches about the others of its series, for the short way through them (next-slice.ts). */
import { copiedBytes } from '../bytes.ts'
import type { DicomElement, DicomFile, Tag, VR } from '../dicom/dataset.ts'
import { isPrivate, TAG } from '../dicom/dictionary.ts'
import { readPixelDescription } from '../dicom/pixels/read-description.ts'
import { parseDicom } from '../dicom/parse.ts'
import type { DeidentifiedInstance, DeidentifyContext } from './deidentify.ts'
import {
  GROUP_LENGTH_AT,
  MOST_VALUE,
  nextSlice,
  standsAt,
  viewOf,
  type Extent,
  type Fate,
  type Output,
  type SeriesHead,
  type Varying,
} from './next-slice.ts'
import { planner, type Plan } from './plan.ts'

/** Longer heads go the whole way, and so does longer File Meta Information. */
const MOST_HEAD = 256 * 1024
const MOST_META = 32 * 1024
const FIRST_OF_DATASET = 0x00030000
const GROUP_LENGTH = 0x00020000
const MEDIA_STORAGE_SOP_INSTANCE_UID = 0x00020003
const NUMBERS = new Set<VR>(['DS', 'IS', 'FL', 'FD'])
const TIMES = new Set<VR>(['DA', 'TM', 'DT'])

/**
 * The head of a file that went the whole way, for the files after it.
 * @param context of the file; those after it that nextSlice takes are of the same patient, so it is theirs
 * @param last of a file before: what varied there, or differs from there to here within one series, may vary from now
 * on
 * @returns null unless the file is one of native pixels in explicit VR little endian, passed on as they are, with
 * nothing behind them
 */
export function seriesHead(
  file: DicomFile,
  context: DeidentifyContext,
  instance: DeidentifiedInstance,
  last: SeriesHead | null,
): SeriesHead | null {
  const {
    dataset: { bytes, elements, explicitVR, littleEndian },
    meta,
  } = file
  const pixels = elements.get(TAG.PixelData)
  if (
    !meta?.explicitVR ||
    meta.bytes !== bytes ||
    !explicitVR ||
    !littleEndian ||
    !pixels ||
    pixels.end !== bytes.length ||
    context.preview
  )
    return null
  const [newHead, passedOn] = instance.chunks
  if (!newHead || !passedOn || instance.chunks.length !== 2) return null
  if (
    passedOn.buffer !== bytes.buffer ||
    passedOn.byteOffset !== bytes.byteOffset + pixels.valueStart ||
    passedOn.length !== bytes.length - pixels.valueStart
  )
    return null
  if (pixels.valueStart > MOST_HEAD || elements.values().next().value!.start > MOST_META) return null

  const headBytes = copiedBytes(bytes, 0, pixels.valueStart)
  const head = viewOf(headBytes)
  const planOf = planner(context.options)
  const known = new Set(last?.varying.map(({ tag }) => tag))
  const before =
    last && last.instance.SeriesInstanceUID === instance.SeriesInstanceUID
      ? { head: last.head, elements: everyElement(new Uint8Array(last.head.buffer)) }
      : null
  const all = before || [...known].some(isPrivate) ? everyElement(headBytes) : new Map([...meta.elements, ...elements])
  const fixed: Extent[] = []
  const varying: Varying[] = []
  let at = 0
  let highest = -1
  for (const element of all.values()) {
    const { tag, start, valueStart, end, valueLength } = element
    // Each once, in the order of tags: then what stands before an element has no say in what it is.
    if (start < at || tag <= highest) return null
    highest = tag
    if (!known.has(tag) && !(before && differs(before, head, element))) continue
    const fate = isPrivate(tag) ? fateOfPrivate(element, context) : fateOf(element, planOf(tag))
    if (!fate) continue
    const lengthBytes = valueStart - start === 8 ? 2 : 4
    fixed.push({ start: at, end: valueStart - lengthBytes })
    varying.push({ tag, fate, lengthBytes, empty: valueLength === 0 })
    at = end
  }
  fixed.push({ start: at, end: head.byteLength })
  const mapped = varying.findIndex(({ fate }) => fate === 'mapped')
  const output = outputOf(newHead, varying, mapped)
  const series = {
    head,
    fixed,
    varying,
    mapped,
    pixelLength: pixels.valueLength,
    description: readPixelDescription(file.dataset, 'integer'),
    output,
    instance: { ...instance, chunks: [] },
    mapUid: context.mapUid,
  }
  // What it makes of the file that it was made of must be what the whole way made.
  const again = nextSlice(series, bytes)
  return again?.chunks[0]!.length === newHead.length &&
    standsAt(viewOf(again.chunks[0]!), 0, viewOf(newHead), { start: 0, end: newHead.length })
    ? series
    : null
}

/** Of the whole head, in the order of the file: private ones too, which the parser may have been told to read over. */
function everyElement(head: Uint8Array): ReadonlyMap<Tag, DicomElement> {
  const { meta, dataset } = parseDicom(head, { stopAtPixelData: true })
  return new Map([...meta!.elements, ...dataset.elements])
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

function differs(
  before: { readonly head: DataView; readonly elements: ReadonlyMap<Tag, DicomElement> },
  head: DataView,
  { tag, start, end }: DicomElement,
): boolean {
  const other = before.elements.get(tag)
  return other !== undefined && (other.end - other.start !== end - start || !standsAt(head, start, before.head, other))
}

function outputOf(head: Uint8Array, varying: readonly Varying[], mapped: number): Output {
  const { meta, dataset } = parseDicom(head, { stopAtPixelData: true })
  const fixed: Uint8Array[] = []
  const places: number[] = []
  let at = 0
  const cut = (element: DicomElement | undefined, place: number): void => {
    fixed.push(head.subarray(at, element!.start + 6))
    places.push(place)
    at = element!.end
  }
  if (mapped >= 0) cut(meta!.elements.get(MEDIA_STORAGE_SOP_INSTANCE_UID), mapped)
  varying.forEach(({ tag, fate }, place) => {
    if (fate !== 'no trace') cut(dataset.elements.get(tag), place)
  })
  fixed.push(head.subarray(at))
  const buffer = new Uint8Array(head.length + places.length * (2 + MOST_VALUE))
  const uid = meta!.elements.get(MEDIA_STORAGE_SOP_INSTANCE_UID)!
  return {
    fixed,
    places,
    restOfMeta: viewOf(head).getUint32(GROUP_LENGTH_AT, true) - uid.valueLength,
    buffer,
    view: viewOf(buffer),
  }
}
