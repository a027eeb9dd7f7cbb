/**
 * Walks a data set and writes what may stay of it: the table's action for every attribute, in nested sequences too
 * (PS3.15 E.1.1).
 */
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomElement, Tag, VR } from '../dicom/dataset.ts'
import { isPrivate, keywordOf, tagText } from '../dicom/dictionary.ts'
import { parseElements } from '../dicom/parse-elements.ts'
import { elementText, elementTexts, text, valueBytes } from '../dicom/values.ts'
import { asciiBytes, type ChunkWriter } from './chunk-writer.ts'
import { isTime, shiftDates } from './dates.ts'
import { cleanDescription, isStandardScheme } from './descriptors.ts'
import { dummyValue, REMOVED, settle, type Place } from './dummy.ts'
import { names, type Identity } from './identity.ts'
import type { OptionName } from './options.ts'
import { safePrivate } from './safe-private.ts'
import { planner, type Planner } from './plan.ts'

/** One line of the preview (D8). */
export interface PreviewLine {
  /** Tags and items from the top, for example (0040,0275)[0]/(0040,0007). */
  readonly path: string
  readonly tag: Tag
  readonly keyword: string
  readonly action: 'removed' | 'replaced' | 'kept' | 'cleaned'
}

export interface Rewriting {
  readonly writer: ChunkWriter
  readonly options: ReadonlySet<OptionName>
  readonly identity: Identity
  readonly mapUid: (uid: string) => string
  readonly shiftDays: number
  /** Where lines of the preview go; null when nobody asked. */
  readonly preview: PreviewLine[] | null
  readonly place: Place
  /** Inside content or graphics that are replaced while UIDs are retained. */
  readonly keepReferences?: boolean
}

/** Written at the top level instead of what the source holds. */
export interface Override {
  readonly tag: Tag
  readonly write: (writer: ChunkWriter) => void
}

/**
 * plain: as the table says. scrub: items that stand for a value that must go: their text goes too, their structure,
 * numbers and public
 * codes stay. replace: scrub, and what options would keep goes too, since the sequence itself is not theirs to keep.
 */
type Mode = 'plain' | 'scrub' | 'replace'

export const TEXT_VRS: ReadonlySet<VR> = new Set<VR>(['LO', 'SH', 'ST', 'LT', 'UT', 'UC'])
/** Class identifiers: they say what a thing is, not which one, and readers need them as they are. */
export const CLASS_UIDS: ReadonlySet<Tag> = new Set<Tag>([
  0x00080016, 0x0008001a, 0x0008001b, 0x00081150, 0x0008115a, 0x00080062, 0x0008010c, 0x00080117, 0x00080118,
  0x04000510, 0x00081199,
])
export const CODE_MEANING = 0x00080104
export const CODE_TEXT: ReadonlySet<Tag> = new Set<Tag>([
  0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119, 0x00080120,
])
/**
 * Content and graphics are replaced, but instances that they refer to (Referenced SOP Sequence, Referenced Image
 * Sequence) are found again when UIDs are retained.
 */
const REFERRING = new Set<Tag>([0x0040a730, 0x00700001])
const REFERENCES = new Set<Tag>([0x00081199, 0x00081140])
const NO_OPTIONS: ReadonlySet<OptionName> = new Set()
const ONLY_UIDS: ReadonlySet<OptionName> = new Set(['retainUIDs'])
/** Sequences read here, inside UN, are not counted by the reader. */
const MAX_DEPTH = 64
/** How UIDs begin that the standard itself gave. */
export const WELL_KNOWN = '1.2.840.10008.'

const NOTHING = new Uint8Array(0)
const NO_OVERRIDES: readonly Override[] = []

/**
 * Writes a data set without its delimiter.
 * @param overrides of the top level, in the order of their tags; null inside items
 * @error nested-too-deep
 */
export function rewriteDataset(
  job: Rewriting,
  dataset: DicomDataset,
  overrides: readonly Override[] | null = null,
  path = '',
  mode: Mode = 'plain',
  depth = 0,
): void {
  if (depth > MAX_DEPTH) throw new OutpostError('nested-too-deep')
  const spot: Spot = {
    path,
    mode,
    depth,
    place: overrides ? job.place : 'nested',
    planOf: planner(job.options),
    safePrivate: mode === 'plain' && job.options.has('retainSafePrivate') ? safePrivate(dataset) : null,
    standardCode: mode !== 'plain' && isStandardScheme(text(dataset, 0x00080102)),
  }
  const instead = overrides ?? NO_OVERRIDES
  let next = 0
  for (const element of elementsInOrder(dataset)) {
    for (; next < instead.length && instead[next]!.tag < element.tag; next++) override(job, path, instead[next]!)
    if (next < instead.length && instead[next]!.tag === element.tag) override(job, path, instead[next++]!)
    else rewriteElement(job, dataset, element, spot)
  }
  for (; next < instead.length; next++) override(job, path, instead[next]!)
}

function override(job: Rewriting, path: string, { tag, write }: Override): void {
  write(job.writer)
  note(job, path, tag, 'replaced')
}

function elementsInOrder(dataset: DicomDataset): Iterable<DicomElement> {
  let last = 0
  for (const tag of dataset.elements.keys()) {
    if (tag < last) return [...dataset.elements.values()].sort((one, other) => one.tag - other.tag)
    last = tag
  }
  return dataset.elements.values()
}

function note(job: Rewriting, path: string, tag: Tag, action: PreviewLine['action']): void {
  job.preview?.push({ path: path + tagText(tag), tag, keyword: keywordOf(tag) ?? '', action })
}

/** One data set and how it is treated. */
interface Spot {
  readonly path: string
  readonly mode: Mode
  readonly place: Place
  readonly depth: number
  readonly planOf: Planner
  /** Private elements that stay, and as what. */
  readonly safePrivate: ReadonlyMap<Tag, VR> | null
  /** Whether the item is a code of a public vocabulary. */
  readonly standardCode: boolean
}

function rewriteElement(job: Rewriting, dataset: DicomDataset, element: DicomElement, spot: Spot): void {
  const { tag } = element
  // Group lengths would be wrong; groups below 0008 belong to commands, files and directories.
  if ((tag & 0xffff) === 0 || tag < 0x00080000) return
  if (isPrivate(tag)) {
    const safeVr = spot.safePrivate?.get(tag)
    if (safeVr === undefined) return note(job, spot.path, tag, 'removed')
    job.writer.element(tag, safeVr, nativeOrder(dataset, element, safeVr))
    return note(job, spot.path, tag, 'kept')
  }
  const plan = spot.planOf(tag)
  const vr = element.items ? 'SQ' : element.vr === 'UN' ? plan.vr : element.vr
  if (plan.action === null || vr === 'UN') return note(job, spot.path, tag, 'removed')
  const readable = vr === 'SQ' && !element.items && element.valueLength > 0 ? withItems(dataset, element) : element
  // A sequence whose items cannot be read cannot be cleaned.
  if (!readable) return note(job, spot.path, tag, 'removed')

  switch (plan.action) {
    case 'K':
      return keep(job, dataset, readable, vr, spot)
    case 'C':
      return clean(job, dataset, readable, vr, spot)
    default:
      return applyBasic(job, dataset, readable, vr, spot)
  }
}

/**
 * Items of a sequence that some system passed on as UN of known length: implicit VR little endian, whatever surrounds
 * it (PS3.5 6.2.2). Null when they cannot be read.
 */
export function withItems(dataset: DicomDataset, element: DicomElement): DicomElement | null {
  const bytes = new Uint8Array(8 + element.valueLength)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, element.tag >>> 16, true)
  view.setUint16(2, element.tag & 0xffff, true)
  view.setUint32(4, element.valueLength, true)
  bytes.set(valueBytes(dataset, element), 8)
  try {
    const items = parseElements(bytes, 0, {
      littleEndian: true,
      explicitVR: false,
      stopAtPixelData: false,
      untilTag: Infinity,
    }).dataset.elements.get(element.tag)?.items
    return items ? { ...element, items } : null
  } catch {
    return null
  }
}

function applyBasic(job: Rewriting, dataset: DicomDataset, element: DicomElement, vr: VR, spot: Spot): void {
  const { tag } = element
  const basic = spot.planOf(tag).basic ?? 'X'
  switch (settle(tag, basic, spot.place)) {
    case 'X':
      return note(job, spot.path, tag, 'removed')
    case 'Z':
      job.writer.element(tag, vr, NOTHING)
      return note(job, spot.path, tag, element.valueLength > 0 || element.items?.length ? 'replaced' : 'kept')
    case 'D':
      if (vr === 'SQ') return rewriteItems(job, element, spot, 'replace', 'replaced')
      if (vr === 'UI') return mapUids(job, dataset, element, spot)
      job.writer.element(tag, vr, dummyValue(vr))
      return note(job, spot.path, tag, 'replaced')
    case 'U':
      if (vr === 'SQ') return rewriteItems(job, element, spot, spot.mode === 'plain' ? 'scrub' : spot.mode, 'replaced')
      if (vr === 'UI') return mapUids(job, dataset, element, spot)
      return note(job, spot.path, tag, 'removed')
  }
}

function rewriteItems(
  job: Rewriting,
  element: DicomElement,
  spot: Spot,
  mode: Mode,
  action: PreviewLine['action'],
): void {
  note(job, spot.path, element.tag, action)
  const inside = jobInside(job, element.tag, mode === 'replace' && spot.mode !== 'replace')
  job.writer.open(element.tag, 'SQ')
  element.items?.forEach((item, index) => {
    job.writer.startItem()
    rewriteDataset(
      inside,
      item,
      null,
      job.preview ? `${spot.path}${tagText(element.tag)}[${index}]/` : '',
      mode,
      spot.depth + 1,
    )
    job.writer.endItem()
  })
  job.writer.close()
}

function jobInside(job: Rewriting, tag: Tag, replaced: boolean): Rewriting {
  if (replaced)
    return { ...job, options: NO_OPTIONS, keepReferences: REFERRING.has(tag) && job.options.has('retainUIDs') }
  return job.keepReferences && REFERENCES.has(tag) ? { ...job, options: ONLY_UIDS } : job
}

/** Every UID but those of the standard itself; padding and empty values stay. */
function mapUids(job: Rewriting, dataset: DicomDataset, element: DicomElement, spot: Spot): void {
  const mapped = (uid: string): string => (uid === '' || uid.startsWith(WELL_KNOWN) ? uid : job.mapUid(uid))
  job.writer.text(
    element.tag,
    'UI',
    elementTexts(dataset, element)
      .map((value) => mapped(value.trim()))
      .join('\\'),
  )
  note(job, spot.path, element.tag, 'replaced')
}

function keep(job: Rewriting, dataset: DicomDataset, element: DicomElement, vr: VR, spot: Spot): void {
  const { tag } = element
  if (vr === 'SQ') return rewriteItems(job, element, spot, spot.mode, 'kept')
  const listed = spot.planOf(tag).basic !== undefined
  // What the table does not name is of a VR that cannot tell who, or is looked through here.
  if (!listed) {
    if (vr === 'UI') {
      if (!CLASS_UIDS.has(tag) && !job.options.has('retainUIDs')) return mapUids(job, dataset, element, spot)
    } else if (vr === 'DA' || vr === 'DT' || vr === 'TM') return keepTime(job, dataset, element, vr, spot)
    else if (vr === 'PN') return replaceBy(job, element, vr, spot, dummyValue(vr), 'replaced')
    else if (spot.mode !== 'plain' && (TEXT_VRS.has(vr) || vr === 'UR' || vr === 'AE' || vr === 'AS' || vr === 'OB'))
      return scrub(job, dataset, element, vr, spot)
  }
  // Codes of public vocabularies are long numbers, in which a patient's short one may stand by chance.
  const publicCode = CODE_TEXT.has(tag) && tag !== CODE_MEANING && isStandardScheme(text(dataset, 0x00080102))
  if (
    TEXT_VRS.has(vr) &&
    element.valueLength > 0 &&
    !publicCode &&
    names(job.identity, elementText(dataset, element))
  ) {
    return replaceBy(job, element, vr, spot, asciiBytes(REMOVED), 'cleaned')
  }
  if (isAsWritten(dataset, element, vr)) job.writer.copy(dataset.bytes, element.start, element.end)
  else job.writer.element(tag, vr, nativeOrder(dataset, element, vr))
  note(job, spot.path, tag, 'kept')
}

/**
 * Whether the element stands in the source as it would be written: explicit VR little endian, reserved bytes zero, of
 * even length.
 */
function isAsWritten(dataset: DicomDataset, element: DicomElement, vr: VR): boolean {
  if (
    !dataset.explicitVR ||
    !dataset.littleEndian ||
    element.vr !== vr ||
    element.undefinedLength ||
    (element.valueLength & 1) !== 0
  )
    return false
  const { bytes } = dataset
  const { start } = element
  if (bytes[start + 4] !== vr.charCodeAt(0) || bytes[start + 5] !== vr.charCodeAt(1)) return false
  return element.valueStart - start === 8 || (bytes[start + 6] === 0 && bytes[start + 7] === 0)
}

function replaceBy(
  job: Rewriting,
  element: DicomElement,
  vr: VR,
  spot: Spot,
  value: Uint8Array,
  action: PreviewLine['action'],
): void {
  job.writer.element(element.tag, vr, element.valueLength === 0 ? NOTHING : value)
  note(job, spot.path, element.tag, element.valueLength === 0 ? 'kept' : action)
}

/** A date or time that the table does not name goes the way of those it names. */
function keepTime(
  job: Rewriting,
  dataset: DicomDataset,
  element: DicomElement,
  vr: 'DA' | 'DT' | 'TM',
  spot: Spot,
): void {
  if (job.options.has('retainLongitudinalModifiedDates')) return clean(job, dataset, element, vr, spot)
  if (!job.options.has('retainLongitudinalFullDates'))
    return replaceBy(job, element, vr, spot, dummyValue(vr), 'replaced')
  job.writer.element(element.tag, vr, valueBytes(dataset, element))
  note(job, spot.path, element.tag, 'kept')
}

function scrub(job: Rewriting, dataset: DicomDataset, element: DicomElement, vr: VR, spot: Spot): void {
  if (CODE_TEXT.has(element.tag) && spot.standardCode && !names(job.identity, elementText(dataset, element))) {
    job.writer.element(element.tag, vr, valueBytes(dataset, element))
    return note(job, spot.path, element.tag, 'kept')
  }
  if (TEXT_VRS.has(vr) && !CODE_TEXT.has(element.tag) && job.options.has('cleanDescriptors')) {
    return replaceBy(
      job,
      element,
      vr,
      spot,
      asciiOnly(cleanDescription(elementText(dataset, element), job.identity)),
      'cleaned',
    )
  }
  replaceBy(job, element, vr, spot, dummyValue(vr), 'replaced')
}

/** C: a value of similar meaning that is known to identify nobody; where there is none, the Basic Profile's action. */
function clean(job: Rewriting, dataset: DicomDataset, element: DicomElement, vr: VR, spot: Spot): void {
  const { tag } = element
  if (vr === 'DA' || vr === 'DT') {
    const moved = shiftDates(vr, elementText(dataset, element), job.shiftDays)
    if (moved === null)
      return spot.planOf(tag).basic
        ? applyBasic(job, dataset, element, vr, spot)
        : replaceBy(job, element, vr, spot, dummyValue(vr), 'replaced')
    job.writer.text(tag, vr, moved)
    return note(job, spot.path, tag, 'cleaned')
  }
  // Days move, times of the day do not; an offset from UTC is no text.
  if (vr === 'TM' || tag === 0x00080201) {
    const value = elementText(dataset, element)
    if (!(vr === 'TM' ? isTime(value) : /^[+-]\d{4} *$/.test(value))) return applyBasic(job, dataset, element, vr, spot)
    job.writer.text(tag, vr, value)
    return note(job, spot.path, tag, 'kept')
  }
  if (vr === 'SQ') return rewriteItems(job, element, spot, spot.mode === 'plain' ? 'scrub' : spot.mode, 'cleaned')
  if (TEXT_VRS.has(vr)) {
    const cleaned = elementTexts(dataset, element)
      .map((value) => cleanDescription(value, job.identity))
      .join('\\')
    // Words that may stay can name the patient together.
    if (cleaned.replaceAll('\\', '') === '' || names(job.identity, cleaned))
      return applyBasic(job, dataset, element, vr, spot)
    job.writer.element(tag, vr, asciiOnly(cleaned))
    return note(job, spot.path, tag, 'cleaned')
  }
  applyBasic(job, dataset, element, vr, spot)
}

/**
 * Words of the closed list with letters outside ASCII would need the file's character set: those letters are left out
 * with their word.
 */
function asciiOnly(cleaned: string): Uint8Array {
  const words = cleaned
    .split(' ')
    .filter((word) => !/[^\u0020-\u007e]/.test(word))
    .join(' ')
  return words === '' ? asciiBytes(REMOVED) : asciiBytes(words)
}

const SWAPPED: Partial<Record<VR, number>> = {
  US: 2,
  SS: 2,
  AT: 2,
  OW: 2,
  UL: 4,
  SL: 4,
  FL: 4,
  OF: 4,
  OL: 4,
  FD: 8,
  OD: 8,
  OV: 8,
  SV: 8,
  UV: 8,
}

/** The value little endian: the source's own bytes, or a swapped copy of a big endian value. */
function nativeOrder(dataset: DicomDataset, element: DicomElement, vr: VR): Uint8Array {
  const value = valueBytes(dataset, element)
  // What a writer did not know is little endian in every data set (PS3.5 6.2.2).
  const width = dataset.littleEndian || element.vr === 'UN' ? undefined : SWAPPED[vr]
  return width === undefined ? value : swapBytes(value, width)
}

/** A copy with the bytes of every word of width in reverse order. */
export function swapBytes(value: Uint8Array, width: number): Uint8Array {
  const swapped = new Uint8Array(value.length)
  for (let at = 0; at + width <= value.length; at += width)
    for (let byte = 0; byte < width; byte++) swapped[at + byte] = value[at + width - 1 - byte]!
  return swapped
}
