/**
 * Whether an element of a de-identified file still holds what had to go (D9). The element was read by another parser
 * than the one that the writer used; here its value is held against that of the source, and against the patient's names
 * and numbers.
 */
import type { DicomDataset, Tag, VR } from '../dicom/dataset.ts'
import { isPrivate, TAG } from '../dicom/dictionary.ts'
import { isStandardScheme } from './descriptors.ts'
import { dummyText } from './dummy.ts'
import { names, type Identity } from './identity.ts'
import type { OptionName } from './options.ts'
import { CLASS_UIDS, CODE_MEANING, CODE_TEXT, TEXT_VRS, WELL_KNOWN } from './rewrite.ts'
import { safePrivate } from './safe-private.ts'
import { actionOf, rowOf } from './table.ts'

/** One data set of the output with what stands for it in the source. */
export interface Level {
  /** Null where the source has no such item. */
  readonly source: DicomDataset | null
  readonly options: ReadonlySet<OptionName>
  /** Inside a sequence that stands for a value that had to go: its text had to go too. */
  readonly scrubbed: boolean
  readonly CodingSchemeDesignator: string
}

export interface Read {
  readonly tag: Tag
  readonly vr: VR
  /** Bytes as Latin-1, without padding. */
  readonly raw: string
  /** Decoded; only of text. */
  readonly text: string
  /** Bytes of the same element of the source as Latin-1, without padding; null where it has none. */
  readonly before: string | null
}

const ONLY_UIDS: ReadonlySet<OptionName> = new Set(['retainUIDs'])
const NONE: ReadonlySet<OptionName> = new Set()
const TIMEZONE = 0x00080201
const REFERENCED_STEP = 0x00081111

/** What the program itself says of the file: no value of the patient. */
const SAID_BY_US = new Set<Tag>([
  TAG.BurnedInAnnotation,
  TAG.PatientIdentityRemoved,
  TAG.DeidentificationMethod,
  TAG.DeidentificationMethodCodeSequence,
  TAG.LongitudinalTemporalInformationModified,
])

/** Whether an element is one of those by which a file says that it is de-identified. */
export function isSaidByUs(tag: Tag): boolean {
  return SAID_BY_US.has(tag)
}

/** Whether the value of an element depends on nothing that is looked at here: numbers that the table keeps. */
export function isHarmless(tag: Tag, vr: VR, options: ReadonlySet<OptionName>): boolean {
  return (
    /^(US|SS|UL|SL|FL|FD|AT|IS|DS|CS|OW|OF|OD|OL|OV|SV|UV)$/.test(vr) &&
    !isPrivate(tag) &&
    actionOf(tag, options) === 'K'
  )
}

/** What holds inside the items of a sequence. */
export function levelInside(
  tag: Tag,
  level: Level,
  source: DicomDataset | null,
  CodingSchemeDesignator: string,
): Level {
  const action = actionOf(tag, level.options)
  // A sequence that gets a dummy takes what options would keep with it, but for references.
  const replaced = action.includes('D') && tag !== REFERENCED_STEP
  const options = !replaced ? level.options : level.options.has('retainUIDs') ? ONLY_UIDS : NONE
  return { source, options, scrubbed: level.scrubbed || action !== 'K', CodingSchemeDesignator }
}

/**
 * Whether an element still holds a value that had to go.
 * @param assigned what the patient is called now
 */
export function isLeftBehind(read: Read, level: Level, identity: Identity, assigned: ReadonlySet<string>): boolean {
  const { tag, vr, raw, text } = read
  if (raw === '' || isSaidByUs(tag)) return false
  if (isPrivate(tag)) return !isSafePrivate(tag, level)
  if (assigned.has(raw) || dummyText(vr) === raw) return false
  const publicCode = CODE_TEXT.has(tag) && isStandardScheme(level.CodingSchemeDesignator)
  if (TEXT_VRS.has(vr) || vr === 'PN') if (!(publicCode && tag !== CODE_MEANING) && names(identity, text)) return true
  return read.before === raw && !mayStay(read, level, publicCode)
}

function isSafePrivate(tag: Tag, { source, options, scrubbed }: Level): boolean {
  return source !== null && !scrubbed && options.has('retainSafePrivate') && safePrivate(source).has(tag)
}

/** Whether a value may be the same as in the source. */
function mayStay({ tag, vr, raw }: Read, { options, scrubbed }: Level, publicCode: boolean): boolean {
  if (vr === 'UI' && raw.split('\\').every((uid) => uid.trim() === '' || uid.startsWith(WELL_KNOWN))) return true
  if (rowOf(tag)) {
    const action = actionOf(tag, options)
    // A cleaned description may hold nothing but words that stay; dates are moved, times of the day are not.
    if (action === 'C') return TEXT_VRS.has(vr) || vr === 'TM' || tag === TIMEZONE
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
      if (!scrubbed || publicCode) return true
      return TEXT_VRS.has(vr) ? options.has('cleanDescriptors') : !['UR', 'AE', 'AS', 'OB'].includes(vr)
  }
}
