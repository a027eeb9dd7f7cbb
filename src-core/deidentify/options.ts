/**
 * The options of the profile, and the codes by which a file states which of them were applied (PS3.15 E.3, PS3.16 CID
 * 7050).
 */
import { OutpostError } from '../contract/errors.ts'

/** The code value and the code meaning of each method in CID 7050, under the coding scheme DCM. */
export const METHOD_CODES = {
  basic: ['113100', 'Basic Application Confidentiality Profile'],
  cleanPixelData: ['113101', 'Clean Pixel Data Option'],
  cleanRecognizableVisualFeatures: ['113102', 'Clean Recognizable Visual Features Option'],
  cleanGraphics: ['113103', 'Clean Graphics Option'],
  cleanStructuredContent: ['113104', 'Clean Structured Content Option'],
  cleanDescriptors: ['113105', 'Clean Descriptors Option'],
  retainLongitudinalFullDates: ['113106', 'Retain Longitudinal Temporal Information Full Dates Option'],
  retainLongitudinalModifiedDates: ['113107', 'Retain Longitudinal Temporal Information Modified Dates Option'],
  retainPatientCharacteristics: ['113108', 'Retain Patient Characteristics Option'],
  retainDeviceIdentity: ['113109', 'Retain Device Identity Option'],
  retainUIDs: ['113110', 'Retain UIDs Option'],
  retainSafePrivate: ['113111', 'Retain Safe Private Option'],
  retainInstitutionIdentity: ['113112', 'Retain Institution Identity Option'],
} as const

export type MethodName = keyof typeof METHOD_CODES
/**
 * The options that a sender may choose. Clean Pixel Data is stated when pixels were blacked out, and the basic profile
 * is always applied.
 */
export type OptionName = Exclude<MethodName, 'basic' | 'cleanPixelData'>
/** The options that have a column in Table E.1-1. */
export type ColumnName = Exclude<OptionName, 'cleanRecognizableVisualFeatures'>

const OPTION_NAMES = (Object.keys(METHOD_CODES) as MethodName[]).filter(
  (name): name is OptionName => name !== 'basic' && name !== 'cleanPixelData',
)

/**
 * The set of options with these names.
 * @error bad-request for an unknown name, or for both kinds of dates at once
 */
export function optionSet(names: Iterable<string>): ReadonlySet<OptionName> {
  const options = new Set<OptionName>()
  for (const name of names) {
    if (!OPTION_NAMES.includes(name as OptionName)) throw new OutpostError('bad-request', { option: name })
    options.add(name as OptionName)
  }
  if (options.has('retainLongitudinalFullDates') && options.has('retainLongitudinalModifiedDates'))
    throw new OutpostError('bad-request', { option: 'retainLongitudinalModifiedDates' })
  return options
}
