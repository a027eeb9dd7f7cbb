/**
 * Decides whether an instance may be sent de-identified (D5, D6). The decision needs columns of the index only, so no
 * file is opened for it.
 */
import type { ErrorCode } from '../contract/errors.ts'
import type { DicomFile } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { transferSyntax } from '../dicom/transfer-syntax.ts'
import { number, text } from '../dicom/values.ts'
import { hasScreenSize, marksTextPage, namesTextPage } from './text-screens.ts'

/**
 * The attributes that the decision needs, as they are stored. Several values are joined by a backslash; an absent
 * attribute is an empty text. The optional fields are unknown for shares that an older version recorded, and are then
 * ignored.
 */
export interface GateFields {
  readonly SOPClassUID: string
  readonly Modality: string
  readonly ImageType: string
  readonly BurnedInAnnotation: string
  readonly ConversionType: string
  /** A video always needs a pixel review, whatever its SOP class. */
  readonly TransferSyntaxUID?: string
  readonly SeriesDescription?: string
  readonly PhotometricInterpretation?: string
  readonly SamplesPerPixel?: number
  readonly BitsAllocated?: number
  /** 0 when the attribute is absent: the instance then has no pixels to review. */
  readonly Rows?: number
  readonly Columns?: number
  /** Whether ImageOrientationPatient is present. */
  readonly oriented?: boolean
}

export interface GateOptions {
  /**
   * Whether the option Clean Recognizable Visual Features was chosen. Outpost cannot remove faces, so images are then
   * refused.
   */
  readonly cleanRecognizableVisualFeatures?: boolean
}

const STORAGE_ROOT = '1.2.840.10008.5.1.4.1.1.'

/**
 * How a SOP class is treated. image: an image that may have colour. grey: an image of a class that allows no colour.
 * slice: a grey image of one plane, whose position in the patient the class requires (CT, MR, PET). plan: an image of
 * calculated numbers, not of a scanner. review: an image that always needs a pixel review. data: an object without
 * pixels of a patient. document and report cannot be de-identified.
 */
type Kind = 'image' | 'grey' | 'slice' | 'plan' | 'review' | 'data' | 'document' | 'report'

/**
 * The storage SOP classes that this profile can treat, by the last part of their UID (PS3.4 B.5). The first pattern
 * that matches decides. Classes without a pattern are unknown.
 */
const CLASS_FAMILIES: readonly (readonly [RegExp, Kind])[] = [
  [/^104\.\d+$/, 'document'],
  // Key object selections hold references; their text can be removed.
  [/^88\.59$/, 'data'],
  [/^(88\.\d+|79\.1|78\.6)$/, 'report'],
  // Ultrasound, with its retired classes.
  [/^(3|3\.1|6|6\.1|6\.2|6\.3)$/, 'review'],
  // Secondary capture.
  [/^7(\.[1-4])?$/, 'review'],
  // Visible light images of a body: endoscopy, photography, dermoscopy, and videos of these. They may show faces, name
  // plates or text of the device.
  [/^77\.1\.(1|1\.1|4|4\.1|7)$/, 'review'],
  [/^77\.1\.(2|2\.1|3|5\.1|5\.2|5\.4|5\.5|5\.6|5\.7|5\.8|6|8|9)$/, 'image'],
  [/^(2|4|128)$/, 'slice'],
  [/^1(\.[1-3](\.1)?)?$/, 'grey'],
  [/^(2\.[12]|4\.[14]|12\.1|12\.1\.1|12\.2|12\.2\.1|12\.3|13\.1\.[1-5]|30|128\.1|130|481\.(1|23|24))$/, 'grey'],
  [/^481\.2$/, 'plan'],
  // Enhanced MR Color, optical coherence tomography, and nuclear medicine, which may have a palette.
  [/^(4\.3|14\.[12]|20|5)$/, 'image'],
  // Waveforms. Voice audio is left out, because a person cannot review it as an image.
  [/^9\.(1\.[1-4]|2\.1|3\.1|5\.1|6\.[12]|7\.[1-4]|8\.1)$/, 'data'],
  [/^(4\.2|11\.([1-9]|1[0-2])|66\.[1-7]|67|77\.1\.5\.3|78\.[1-57-8])$/, 'data'],
  [/^(80\.1|81\.1|82\.1|91\.1|481\.([3-9]|1\d|2[0-25]))$/, 'data'],
]

/** The last SOP class and its kind, kept because the images of a series come one after another. */
let lastKind: { readonly SOPClassUID: string; readonly kind: Kind | null } | null = null

function kindOf(SOPClassUID: string): Kind | null {
  if (lastKind?.SOPClassUID === SOPClassUID) return lastKind.kind
  const classSuffix = SOPClassUID.startsWith(STORAGE_ROOT) ? SOPClassUID.slice(STORAGE_ROOT.length) : null
  const kind =
    classSuffix === null ? null : (CLASS_FAMILIES.find(([pattern]) => pattern.test(classSuffix))?.[1] ?? null)
  lastKind = { SOPClassUID, kind }
  return kind
}

const REVIEW_MODALITIES = new Set(['US', 'IVUS', 'SC', 'OT', 'ES', 'XC', 'DMS', 'HC', 'FID', 'SMR'])

/**
 * The error code that says why an instance cannot be sent de-identified as it is, or null when it can be sent.
 * burned-in-annotation, pixel-review-required and recognizable-features concern its pixels; a person's pixel review
 * clears the first two. encapsulated-document, structured-report and unknown-sop-class cannot be cleared, so such an
 * instance must be left out.
 * @see PS3.15 E.3.1, E.3.2; PS3.3 C.8.6.1 (ConversionType), C.7.6.1.1.2 (ImageType)
 */
export function reviewRequired(instance: GateFields, options: GateOptions = {}): ErrorCode | null {
  const kind = kindOf(instance.SOPClassUID.trim())
  if (kind === 'document') return 'encapsulated-document'
  if (kind === 'report') return 'structured-report'
  if (kind === null) return 'unknown-sop-class'
  if (kind === 'data') return null
  if (options.cleanRecognizableVisualFeatures) return 'recognizable-features'
  if (instance.BurnedInAnnotation.trim().toUpperCase() === 'YES') return 'burned-in-annotation'
  return textIsUsual(kind, instance) ? 'pixel-review-required' : null
}

/** Whether devices usually write text into images of this kind. */
function textIsUsual(kind: Kind, instance: GateFields): boolean {
  if (
    kind === 'review' ||
    (instance.TransferSyntaxUID && transferSyntax(instance.TransferSyntaxUID).pixels === 'video') ||
    instance.ConversionType.trim() !== '' ||
    REVIEW_MODALITIES.has(instance.Modality.trim().toUpperCase())
  )
    return true
  // The first two values of ImageType are defined terms. Only the values that devices add after them can name a screen.
  const [pixels = '', examination = '', ...deviceValues] = instance.ImageType.toUpperCase()
    .split('\\')
    .map((value) => value.trim())
  if (deviceValues.some((value) => value !== '' && marksTextPage(value))) return true
  // An RT Dose is itself called a dose. A page of text about it would be of another class.
  if (kind === 'plan') return false
  if (namesTextPage(instance.SeriesDescription ?? '')) return true
  const isGreyClass = kind === 'grey' || kind === 'slice'
  if (isGreyClass && isColour(instance)) return true
  if (pixels === '') return looksLikeScreen(kind, instance)
  // A page of text that a device stores among its slices has no position in the patient, and its ImageType says only
  // that it was derived.
  const hasNoName = pixels === 'DERIVED' && examination === 'SECONDARY' && ['', 'OTHER'].includes(deviceValues[0] ?? '')
  return hasNoName && hasNoPosition(kind, instance)
}

/**
 * Whether an image has colour. Slices and radiographs are grey; a coloured image of their classes is a screen capture
 * or a fused image.
 */
function isColour({ SamplesPerPixel, PhotometricInterpretation = '' }: GateFields): boolean {
  return (
    (SamplesPerPixel !== undefined && SamplesPerPixel > 1) ||
    /^(RGB|ARGB|CMYK|HSV|YBR|XYB|PALETTE)/.test(PhotometricInterpretation.trim().toUpperCase())
  )
}

function hasNoPosition(kind: Kind, { Rows, oriented }: GateFields): boolean {
  return kind === 'slice' && oriented === false && Rows !== 0
}

/**
 * Whether an image without ImageType, which the definitions of images require, has one more sign of a screen capture.
 */
function looksLikeScreen(kind: Kind, instance: GateFields): boolean {
  const { BitsAllocated, Rows = 0, Columns = 0 } = instance
  if (isColour(instance) || hasNoPosition(kind, instance) || hasScreenSize(Rows, Columns)) return true
  return kind === 'slice' && Rows > 0 && (BitsAllocated === 8 || Rows !== Columns)
}

/** The fields of an instance that the gate needs, read from the instance itself. */
export function gateFieldsOf({ dataset, TransferSyntaxUID }: DicomFile): GateFields {
  return {
    SOPClassUID: text(dataset, TAG.SOPClassUID),
    Modality: text(dataset, TAG.Modality),
    ImageType: text(dataset, TAG.ImageType),
    BurnedInAnnotation: text(dataset, TAG.BurnedInAnnotation),
    ConversionType: text(dataset, TAG.ConversionType),
    TransferSyntaxUID,
    SeriesDescription: text(dataset, TAG.SeriesDescription),
    PhotometricInterpretation: text(dataset, TAG.PhotometricInterpretation),
    SamplesPerPixel: number(dataset, TAG.SamplesPerPixel) ?? 1,
    BitsAllocated: number(dataset, TAG.BitsAllocated) ?? 0,
    Rows: number(dataset, TAG.Rows) ?? 0,
    Columns: number(dataset, TAG.Columns) ?? 0,
    oriented: (dataset.elements.get(TAG.ImageOrientationPatient)?.valueLength ?? 0) > 0,
  }
}

/**
 * Whether a pixel review, or blacking out, clears a code of reviewRequired (D5). The other codes cannot be cleared
 * (D6).
 */
export function clearableByReview(code: ErrorCode): boolean {
  return code === 'burned-in-annotation' || code === 'pixel-review-required'
}
