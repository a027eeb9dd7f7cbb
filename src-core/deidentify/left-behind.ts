/**
 * Finds values in a de-identified file that should have been removed (D9). The file is read by another parser than the
 * one that the writer uses. Each value is compared with that of the source, and with the patient's names and numbers.
 */
import type { DicomDataset, Tag, VR } from '../dicom/dataset.ts'
import { isPrivate, TAG } from '../dicom/dictionary.ts'
import { isStandardScheme } from './descriptors.ts'
import { dummyText } from './dummy.ts'
import { namesPatient, type Identity } from './identity.ts'
import type { OptionName } from './options.ts'
import { CLASS_UIDS, CODE_MEANING, CODE_TEXT, TEXT_VRS, WELL_KNOWN } from './rewrite.ts'
import { safePrivate } from './safe-private.ts'
import { actionOf, rowOf } from './table.ts'

/** One data set of the output, with the data set of the source that it was made from. */
export interface Level {
  /** Null when the source has no such item. */
  readonly source: DicomDataset | null
  readonly options: ReadonlySet<OptionName>
  /**
   * Whether the data set is inside a sequence that replaces a value which had to be removed. Its text had to be removed
   * too.
   */
  readonly textRemoved: boolean
  readonly CodingSchemeDesignator: string
}

export interface ReadElement {
  readonly tag: Tag
  readonly vr: VR
  /** The bytes as Latin-1, without padding. */
  readonly raw: string
  /** The decoded value, for VRs of text only. */
  readonly text: string
  /**
   * The bytes of the same element in the source, as Latin-1 without padding; null when the source has no such element.
   */
  readonly before: string | null
}

const ONLY_UIDS: ReadonlySet<OptionName> = new Set(['retainUIDs'])
const NO_OPTIONS: ReadonlySet<OptionName> = new Set()
const TIMEZONE_OFFSET = 0x00080201
const REFERENCED_STEP = 0x00081111

/** The elements that Outpost writes about the file itself. They hold no value of the patient. */
const STATEMENT_TAGS = new Set<Tag>([
  TAG.BurnedInAnnotation,
  TAG.PatientIdentityRemoved,
  TAG.DeidentificationMethod,
  TAG.DeidentificationMethodCodeSequence,
  TAG.LongitudinalTemporalInformationModified,
])

/** Whether an element states that the file is de-identified. */
export function isStatement(tag: Tag): boolean {
  return STATEMENT_TAGS.has(tag)
}

/** Whether an element needs no check, because it holds numbers or codes that the table keeps. */
export function needsNoCheck(tag: Tag, vr: VR, options: ReadonlySet<OptionName>): boolean {
  return (
    /^(US|SS|UL|SL|FL|FD|AT|IS|DS|CS|OW|OF|OD|OL|OV|SV|UV)$/.test(vr) &&
    !isPrivate(tag) &&
    actionOf(tag, options) === 'K'
  )
}

/** The level for the items of a sequence. */
export function levelInside(
  tag: Tag,
  level: Level,
  source: DicomDataset | null,
  CodingSchemeDesignator: string,
): Level {
  const action = actionOf(tag, level.options)
  // When a sequence is replaced by a dummy, the options keep nothing inside it, except references.
  const replaced = action.includes('D') && tag !== REFERENCED_STEP
  const options = !replaced ? level.options : level.options.has('retainUIDs') ? ONLY_UIDS : NO_OPTIONS
  return { source, options, textRemoved: level.textRemoved || action !== 'K', CodingSchemeDesignator }
}

/**
 * Whether an element still holds a value that had to be removed.
 * @param assigned the new names and numbers of the patient
 */
export function isLeftBehind(
  read: ReadElement,
  level: Level,
  identity: Identity,
  assigned: ReadonlySet<string>,
): boolean {
  const { tag, vr, raw, text } = read
  if (raw === '' || isStatement(tag)) return false
  if (isPrivate(tag)) return !isSafePrivate(tag, level)
  if (assigned.has(raw) || dummyText(vr) === raw) return false
  const publicCode = CODE_TEXT.has(tag) && isStandardScheme(level.CodingSchemeDesignator)
  if (TEXT_VRS.has(vr) || vr === 'PN')
    if (!(publicCode && tag !== CODE_MEANING) && namesPatient(identity, text)) return true
  return read.before === raw && !mayStay(read, level, publicCode)
}

function isSafePrivate(tag: Tag, { source, options, textRemoved }: Level): boolean {
  return source !== null && !textRemoved && options.has('retainSafePrivate') && safePrivate(source).has(tag)
}

/** Whether a value may be equal to that in the source. */
function mayStay({ tag, vr, raw }: ReadElement, { options, textRemoved }: Level, publicCode: boolean): boolean {
  if (vr === 'UI' && raw.split('\\').every((uid) => uid.trim() === '' || uid.startsWith(WELL_KNOWN))) return true
  if (rowOf(tag)) {
    const action = actionOf(tag, options)
    // A description may consist of words that are kept only, so that cleaning does not change it. Dates are shifted;
    // times of the day are not.
    if (action === 'C') return TEXT_VRS.has(vr) || vr === 'TM' || tag === TIMEZONE_OFFSET
    return action === 'K'
  }
  switch (vr) {
    case 'UI':
      return CLASS_UIDS.has(tag) || options.has('retainUIDs')
    case 'DA':
    case 'DT':
      return options.has('retainLongitudinalFullDates')
    case 'TM':
      return options.has('retainLongitudinalFullDates') || options.has('retainLongitudinalModifiedDates')
    case 'PN':
      return false
    default:
      if (!textRemoved || publicCode) return true
      return TEXT_VRS.has(vr) ? options.has('cleanDescriptors') : !['UR', 'AE', 'AS', 'OB'].includes(vr)
  }
}
