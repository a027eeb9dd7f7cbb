/**
 * Walks a data set and writes the part of it that may be kept. The table's action is applied to every attribute, in
 * nested sequences too (PS3.15 E.1.1).
 */
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomElement, Tag, VR } from '../dicom/dataset.ts'
import { isPrivate, keywordOf, tagText } from '../dicom/dictionary.ts'
import { parseElements } from '../dicom/parse-elements.ts'
import { elementText, elementTexts, text, valueBytes } from '../dicom/values.ts'
import { asciiBytes, type ChunkWriter } from './chunk-writer.ts'
import { isTime, shiftDates } from './dates.ts'
import { cleanDescription, isStandardScheme } from './descriptors.ts'
import { dummyValue, REMOVED, resolveAction, type ObjectKind } from './dummy.ts'
import { namesPatient, type Identity } from './identity.ts'
import type { OptionName } from './options.ts'
import { safePrivate } from './safe-private.ts'
import { planner, type Planner } from './plan.ts'

/** What was done to one element, for the preview (D8). */
export interface PreviewLine {
  /** The tags and item numbers from the top level on, for example (0040,0275)[0]/(0040,0007). */
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
  /** The list that receives the lines of the preview; null when no preview is made. */
  readonly preview: PreviewLine[] | null
  readonly objectKind: ObjectKind
  /** Whether the data set is inside content or graphics that are replaced while UIDs are retained. */
  readonly keepReferences?: boolean
}

/** An element that is written at the top level in place of that of the source. */
export interface Override {
  readonly tag: Tag
  readonly write: (writer: ChunkWriter) => void
}

/**
 * How the elements of a data set are treated. table: as the table says. remove-text: the items replace a value that
 * must be removed, so their text is removed too; their structure, numbers and public codes are kept. replace: like
 * remove-text, and the options keep nothing, because they do not apply to the sequence itself.
 */
type Mode = 'table' | 'remove-text' | 'replace'

export const TEXT_VRS: ReadonlySet<VR> = new Set<VR>(['LO', 'SH', 'ST', 'LT', 'UT', 'UC'])
/** Identifiers of classes. They say what kind of object is meant, not which one, and readers need them unchanged. */
export const CLASS_UIDS: ReadonlySet<Tag> = new Set<Tag>([
  0x00080016, 0x0008001a, 0x0008001b, 0x00081150, 0x0008115a, 0x00080062, 0x0008010c, 0x00080117, 0x00080118,
  0x04000510, 0x00081199,
])
export const CODE_MEANING = 0x00080104
export const CODE_TEXT: ReadonlySet<Tag> = new Set<Tag>([
  0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119, 0x00080120,
])
/**
 * Content and graphics are replaced, but when UIDs are retained, the instances that they refer to can still be found
 * (Referenced SOP Sequence, Referenced Image Sequence).
 */
const REFERRING = new Set<Tag>([0x0040a730, 0x00700001])
const REFERENCES = new Set<Tag>([0x00081199, 0x00081140])
const NO_OPTIONS: ReadonlySet<OptionName> = new Set()
const ONLY_UIDS: ReadonlySet<OptionName> = new Set(['retainUIDs'])
/** The depth limit for sequences that are read here from values of VR UN, which the parser does not count. */
const MAX_DEPTH = 64
/** The prefix of UIDs that the standard itself defines. */
export const WELL_KNOWN = '1.2.840.10008.'

const EMPTY_VALUE = new Uint8Array(0)
const NO_OVERRIDES: readonly Override[] = []

/**
 * Writes a data set without its delimiter.
 * @param overrides elements of the top level, ordered by tag; null inside items
 * @error nested-too-deep
 */
export function rewriteDataset(
  job: Rewriting,
  dataset: DicomDataset,
  overrides: readonly Override[] | null = null,
  path = '',
  mode: Mode = 'table',
  depth = 0,
): void {
  if (depth > MAX_DEPTH) throw new OutpostError('nested-too-deep')
  const target: Target = {
    path,
    mode,
    depth,
    objectKind: overrides ? job.objectKind : 'nested',
    planOf: planner(job.options),
    safePrivate: mode === 'table' && job.options.has('retainSafePrivate') ? safePrivate(dataset) : null,
    standardCode: mode !== 'table' && isStandardScheme(text(dataset, 0x00080102)),
  }
  const replacements = overrides ?? NO_OVERRIDES
  let next = 0
  for (const element of elementsInOrder(dataset)) {
    for (; next < replacements.length && replacements[next]!.tag < element.tag; next++)
      writeOverride(job, path, replacements[next]!)
    if (next < replacements.length && replacements[next]!.tag === element.tag)
      writeOverride(job, path, replacements[next++]!)
    else rewriteElement(job, dataset, element, target)
  }
  for (; next < replacements.length; next++) writeOverride(job, path, replacements[next]!)
}

function writeOverride(job: Rewriting, path: string, { tag, write }: Override): void {
  write(job.writer)
  recordAction(job, path, tag, 'replaced')
}

function elementsInOrder(dataset: DicomDataset): Iterable<DicomElement> {
  let last = 0
  for (const tag of dataset.elements.keys()) {
    if (tag < last) return [...dataset.elements.values()].sort((left, right) => left.tag - right.tag)
    last = tag
  }
  return dataset.elements.values()
}

function recordAction(job: Rewriting, path: string, tag: Tag, action: PreviewLine['action']): void {
  job.preview?.push({ path: path + tagText(tag), tag, keyword: keywordOf(tag) ?? '', action })
}

/** A data set that is being written, and how its elements are treated. */
interface Target {
  readonly path: string
  readonly mode: Mode
  readonly objectKind: ObjectKind
  readonly depth: number
  readonly planOf: Planner
  /** The private elements that are kept, with the VR to write; null when none are kept. */
  readonly safePrivate: ReadonlyMap<Tag, VR> | null
  /** Whether the item is a code of a public vocabulary. */
  readonly standardCode: boolean
}

function rewriteElement(job: Rewriting, dataset: DicomDataset, element: DicomElement, target: Target): void {
  const { tag } = element
  // Group lengths would be wrong after rewriting. Groups below 0008 belong to commands, files and directories.
  if ((tag & 0xffff) === 0 || tag < 0x00080000) return
  if (isPrivate(tag)) {
    const safeVr = target.safePrivate?.get(tag)
    if (safeVr === undefined) return recordAction(job, target.path, tag, 'removed')
    job.writer.element(tag, safeVr, nativeOrder(dataset, element, safeVr))
    return recordAction(job, target.path, tag, 'kept')
  }
  const plan = target.planOf(tag)
  const vr = element.items ? 'SQ' : element.vr === 'UN' ? plan.vr : element.vr
  if (plan.action === null || vr === 'UN') return recordAction(job, target.path, tag, 'removed')
  const readableElement =
    vr === 'SQ' && !element.items && element.valueLength > 0 ? withParsedItems(dataset, element) : element
  // A sequence whose items cannot be read is removed, because it cannot be cleaned.
  if (!readableElement) return recordAction(job, target.path, tag, 'removed')

  switch (plan.action) {
    case 'K':
      return keepElement(job, dataset, readableElement, vr, target)
    case 'C':
      return cleanElement(job, dataset, readableElement, vr, target)
    default:
      return applyBasic(job, dataset, readableElement, vr, target)
  }
}

/**
 * The element with its items, for a sequence that another system passed on as UN of known length. Its items are in
 * implicit VR little endian, whatever the encoding around it is (PS3.5 6.2.2). Null when the items cannot be read.
 */
export function withParsedItems(dataset: DicomDataset, element: DicomElement): DicomElement | null {
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

function applyBasic(job: Rewriting, dataset: DicomDataset, element: DicomElement, vr: VR, target: Target): void {
  const { tag } = element
  const basic = target.planOf(tag).basic ?? 'X'
  switch (resolveAction(tag, basic, target.objectKind)) {
    case 'X':
      return recordAction(job, target.path, tag, 'removed')
    case 'Z':
      job.writer.element(tag, vr, EMPTY_VALUE)
      return recordAction(job, target.path, tag, element.valueLength > 0 || element.items?.length ? 'replaced' : 'kept')
    case 'D':
      if (vr === 'SQ') return rewriteItems(job, element, target, 'replace', 'replaced')
      if (vr === 'UI') return mapUids(job, dataset, element, target)
      job.writer.element(tag, vr, dummyValue(vr))
      return recordAction(job, target.path, tag, 'replaced')
    case 'U':
      if (vr === 'SQ')
        return rewriteItems(job, element, target, target.mode === 'table' ? 'remove-text' : target.mode, 'replaced')
      if (vr === 'UI') return mapUids(job, dataset, element, target)
      return recordAction(job, target.path, tag, 'removed')
  }
}

function rewriteItems(
  job: Rewriting,
  element: DicomElement,
  target: Target,
  mode: Mode,
  action: PreviewLine['action'],
): void {
  recordAction(job, target.path, element.tag, action)
  const innerJob = jobInside(job, element.tag, mode === 'replace' && target.mode !== 'replace')
  job.writer.open(element.tag, 'SQ')
  element.items?.forEach((item, index) => {
    job.writer.startItem()
    rewriteDataset(
      innerJob,
      item,
      null,
      job.preview ? `${target.path}${tagText(element.tag)}[${index}]/` : '',
      mode,
      target.depth + 1,
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

/** Maps every UID except those that the standard defines. Padding and empty values are kept. */
function mapUids(job: Rewriting, dataset: DicomDataset, element: DicomElement, target: Target): void {
  const mapped = (uid: string): string => (uid === '' || uid.startsWith(WELL_KNOWN) ? uid : job.mapUid(uid))
  job.writer.text(
    element.tag,
    'UI',
    elementTexts(dataset, element)
      .map((value) => mapped(value.trim()))
      .join('\\'),
  )
  recordAction(job, target.path, element.tag, 'replaced')
}

function keepElement(job: Rewriting, dataset: DicomDataset, element: DicomElement, vr: VR, target: Target): void {
  const { tag } = element
  if (vr === 'SQ') return rewriteItems(job, element, target, target.mode, 'kept')
  const isInTable = target.planOf(tag).basic !== undefined
  // Elements that the table does not list have a VR that cannot identify a person, or are checked below.
  if (!isInTable) {
    if (vr === 'UI') {
      if (!CLASS_UIDS.has(tag) && !job.options.has('retainUIDs')) return mapUids(job, dataset, element, target)
    } else if (vr === 'DA' || vr === 'DT' || vr === 'TM') return keepTime(job, dataset, element, vr, target)
    else if (vr === 'PN') return replaceBy(job, element, vr, target, dummyValue(vr), 'replaced')
    else if (target.mode !== 'table' && (TEXT_VRS.has(vr) || vr === 'UR' || vr === 'AE' || vr === 'AS' || vr === 'OB'))
      return removeText(job, dataset, element, vr, target)
  }
  // A code of a public vocabulary is not searched, because it is a long number that may contain a patient's short
  // number by chance.
  const publicCode = CODE_TEXT.has(tag) && tag !== CODE_MEANING && isStandardScheme(text(dataset, 0x00080102))
  if (
    TEXT_VRS.has(vr) &&
    element.valueLength > 0 &&
    !publicCode &&
    namesPatient(job.identity, elementText(dataset, element))
  ) {
    return replaceBy(job, element, vr, target, asciiBytes(REMOVED), 'cleaned')
  }
  if (isAsWritten(dataset, element, vr)) job.writer.copy(dataset.bytes, element.start, element.end)
  else job.writer.element(tag, vr, nativeOrder(dataset, element, vr))
  recordAction(job, target.path, tag, 'kept')
}

/**
 * Whether the bytes of the element in the source are equal to those that would be written: explicit VR little endian,
 * reserved bytes zero, even length.
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
  target: Target,
  value: Uint8Array,
  action: PreviewLine['action'],
): void {
  job.writer.element(element.tag, vr, element.valueLength === 0 ? EMPTY_VALUE : value)
  recordAction(job, target.path, element.tag, element.valueLength === 0 ? 'kept' : action)
}

/** Treats a date or time that the table does not list like those that it lists. */
function keepTime(
  job: Rewriting,
  dataset: DicomDataset,
  element: DicomElement,
  vr: 'DA' | 'DT' | 'TM',
  target: Target,
): void {
  if (job.options.has('retainLongitudinalModifiedDates')) return cleanElement(job, dataset, element, vr, target)
  if (!job.options.has('retainLongitudinalFullDates'))
    return replaceBy(job, element, vr, target, dummyValue(vr), 'replaced')
  job.writer.element(element.tag, vr, valueBytes(dataset, element))
  recordAction(job, target.path, element.tag, 'kept')
}

function removeText(job: Rewriting, dataset: DicomDataset, element: DicomElement, vr: VR, target: Target): void {
  if (CODE_TEXT.has(element.tag) && target.standardCode && !namesPatient(job.identity, elementText(dataset, element))) {
    job.writer.element(element.tag, vr, valueBytes(dataset, element))
    return recordAction(job, target.path, element.tag, 'kept')
  }
  if (TEXT_VRS.has(vr) && !CODE_TEXT.has(element.tag) && job.options.has('cleanDescriptors')) {
    return replaceBy(
      job,
      element,
      vr,
      target,
      asciiOnly(cleanDescription(elementText(dataset, element), job.identity)),
      'cleaned',
    )
  }
  replaceBy(job, element, vr, target, dummyValue(vr), 'replaced')
}

/**
 * Action C: writes a value of similar meaning that identifies no person. Where there is none, the action of the Basic
 * Profile is applied.
 */
function cleanElement(job: Rewriting, dataset: DicomDataset, element: DicomElement, vr: VR, target: Target): void {
  const { tag } = element
  if (vr === 'DA' || vr === 'DT') {
    const shifted = shiftDates(vr, elementText(dataset, element), job.shiftDays)
    if (shifted === null)
      return target.planOf(tag).basic
        ? applyBasic(job, dataset, element, vr, target)
        : replaceBy(job, element, vr, target, dummyValue(vr), 'replaced')
    job.writer.text(tag, vr, shifted)
    return recordAction(job, target.path, tag, 'cleaned')
  }
  // Dates are shifted, but valid times of the day and offsets from UTC are kept.
  if (vr === 'TM' || tag === 0x00080201) {
    const value = elementText(dataset, element)
    if (!(vr === 'TM' ? isTime(value) : /^[+-]\d{4} *$/.test(value)))
      return applyBasic(job, dataset, element, vr, target)
    job.writer.text(tag, vr, value)
    return recordAction(job, target.path, tag, 'kept')
  }
  if (vr === 'SQ')
    return rewriteItems(job, element, target, target.mode === 'table' ? 'remove-text' : target.mode, 'cleaned')
  if (TEXT_VRS.has(vr)) {
    const cleaned = elementTexts(dataset, element)
      .map((value) => cleanDescription(value, job.identity))
      .join('\\')
    // Words that are kept one by one can name the patient together.
    if (cleaned.replaceAll('\\', '') === '' || namesPatient(job.identity, cleaned))
      return applyBasic(job, dataset, element, vr, target)
    job.writer.element(tag, vr, asciiOnly(cleaned))
    return recordAction(job, target.path, tag, 'cleaned')
  }
  applyBasic(job, dataset, element, vr, target)
}

/**
 * The cleaned text without words that have letters outside ASCII, because those would need the character set of the
 * file.
 */
function asciiOnly(cleaned: string): Uint8Array {
  const words = cleaned
    .split(' ')
    .filter((word) => !/[^\u0020-\u007e]/.test(word))
    .join(' ')
  return words === '' ? asciiBytes(REMOVED) : asciiBytes(words)
}

const WORD_BYTES: Partial<Record<VR, number>> = {
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

/** The value in little endian: the bytes of the source, or a swapped copy of a big endian value. */
function nativeOrder(dataset: DicomDataset, element: DicomElement, vr: VR): Uint8Array {
  const value = valueBytes(dataset, element)
  // A value of VR UN is little endian in every data set (PS3.5 6.2.2).
  const width = dataset.littleEndian || element.vr === 'UN' ? undefined : WORD_BYTES[vr]
  return width === undefined ? value : swapBytes(value, width)
}

/** A copy with the bytes of every word of `width` bytes in reverse order. */
export function swapBytes(value: Uint8Array, width: number): Uint8Array {
  const swapped = new Uint8Array(value.length)
  for (let at = 0; at + width <= value.length; at += width)
    for (let byte = 0; byte < width; byte++) swapped[at + byte] = value[at + width - 1 - byte]!
  return swapped
}
