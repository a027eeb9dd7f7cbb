/**
 * What stands between an instance and being sent de-identified (D5, D6): decided from columns of the index, before any
 * file is opened.
 */
import type { ErrorCode } from '../contract/errors.ts'
import type { DicomFile } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { transferSyntax } from '../dicom/transfer-syntax.ts'
import { number, text } from '../dicom/values.ts'
import { hasScreenSize, marksTextPage, namesTextPage } from './text-screens.ts'

/**
 * Values as stored; multi-valued ones joined by a backslash; empty when absent. What may be missing is not known of
 * shares that an older version recorded, and then says nothing.
 */
export interface GateFields {
  readonly SOPClassUID: string
  readonly Modality: string
  readonly ImageType: string
  readonly BurnedInAnnotation: string
  readonly ConversionType: string
  /** Where known: video is looked at, whatever its class. */
  readonly TransferSyntaxUID?: string
  readonly SeriesDescription?: string
  readonly PhotometricInterpretation?: string
  readonly SamplesPerPixel?: number
  readonly BitsAllocated?: number
  /** 0 when absent: then there are no pixels to look at. */
  readonly Rows?: number
  readonly Columns?: number
  /** Whether ImageOrientationPatient is there. */
  readonly oriented?: boolean
}

export interface GateOptions {
  /** The option Clean Recognizable Visual Features was asked for: no face is removed here, so images are refused. */
  readonly cleanRecognizableVisualFeatures?: boolean
}

const storage = '1.2.840.10008.5.1.4.1.1.'

/**
 * grey: images whose classes allow no colour. slice: grey, and of one plane, whose place in the patient the class
 * demands (CT, MR, PET). plan: no image of a scanner, but of numbers.
 */
type Kind = 'image' | 'grey' | 'slice' | 'plan' | 'look' | 'data' | 'document' | 'report'

/**
 * Families of the storage SOP classes that this profile knows how to treat (PS3.4 B.5). The first that matches decides;
 * others are unknown.
 */
const FAMILIES: readonly (readonly [RegExp, Kind])[] = [
  [/^104\.\d+$/, 'document'],
  // key object selections are references; their text can go
  [/^88\.59$/, 'data'],
  [/^(88\.\d+|79\.1|78\.6)$/, 'report'],
  // ultrasound, retired classes too
  [/^(3|3\.1|6|6\.1|6\.2|6\.3)$/, 'look'],
  // secondary capture
  [/^7(\.[1-4])?$/, 'look'],
  // visible light of a body: endoscopy, photography, dermoscopy, and video of these: faces, name plates, text of the
  // device
  [/^77\.1\.(1|1\.1|4|4\.1|7)$/, 'look'],
  [/^77\.1\.(2|2\.1|3|5\.1|5\.2|5\.4|5\.5|5\.6|5\.7|5\.8|6|8|9)$/, 'image'],
  [/^(2|4|128)$/, 'slice'],
  [/^1(\.[1-3](\.1)?)?$/, 'grey'],
  [/^(2\.[12]|4\.[14]|12\.1|12\.1\.1|12\.2|12\.2\.1|12\.3|13\.1\.[1-5]|30|128\.1|130|481\.(1|23|24))$/, 'grey'],
  [/^481\.2$/, 'plan'],
  // Enhanced MR Color, optical coherence tomography, nuclear medicine, which may have a palette
  [/^(4\.3|14\.[12]|20|5)$/, 'image'],
  // Waveforms. Voice audio is left out, because a person cannot review it as an image.
  [/^9\.(1\.[1-4]|2\.1|3\.1|5\.1|6\.[12]|7\.[1-4]|8\.1)$/, 'data'],
  [/^(4\.2|11\.([1-9]|1[0-2])|66\.[1-7]|67|77\.1\.5\.3|78\.[1-57-8])$/, 'data'],
  [/^(80\.1|81\.1|82\.1|91\.1|481\.([3-9]|1\d|2[0-25]))$/, 'data'],
]

/** The class asked for last: images come by the series. */
let lastKind: { readonly SOPClassUID: string; readonly kind: Kind | null } | null = null

function kindOf(SOPClassUID: string): Kind | null {
  if (lastKind?.SOPClassUID === SOPClassUID) return lastKind.kind
  const rest = SOPClassUID.startsWith(storage) ? SOPClassUID.slice(storage.length) : null
  const kind = rest === null ? null : (FAMILIES.find(([pattern]) => pattern.test(rest))?.[1] ?? null)
  lastKind = { SOPClassUID, kind }
  return kind
}

const LOOK_MODALITIES = new Set(['US', 'IVUS', 'SC', 'OT', 'ES', 'XC', 'DMS', 'HC', 'FID', 'SMR'])

/**
 * Why an instance cannot be sent de-identified as it is, or null when nothing stands in the way.
 * burned-in-annotation, pixel-review-required and recognizable-features concern its pixels: a person's review may lift
 * the first two. encapsulated-document, structured-report and unknown-sop-class cannot be lifted: leave it out.
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
    kind === 'look' ||
    (instance.TransferSyntaxUID && transferSyntax(instance.TransferSyntaxUID).pixels === 'video') ||
    instance.ConversionType.trim() !== '' ||
    LOOK_MODALITIES.has(instance.Modality.trim().toUpperCase())
  )
    return true
  // The first two values of ImageType are defined terms; only what devices add can name a screen.
  const [pixels = '', examination = '', ...added] = instance.ImageType.toUpperCase()
    .split('\\')
    .map((value) => value.trim())
  if (added.some((value) => value !== '' && marksTextPage(value))) return true
  // A dose distribution is called dose; a page about it would be of another class.
  if (kind === 'plan') return false
  if (namesTextPage(instance.SeriesDescription ?? '')) return true
  const grey = kind === 'grey' || kind === 'slice'
  if (grey && isColour(instance)) return true
  if (pixels === '') return looksLikeScreen(kind, instance)
  // A page that a device stores among its slices stands nowhere in the patient and says of itself only that it was
  // made.
  const unnamed = pixels === 'DERIVED' && examination === 'SECONDARY' && ['', 'OTHER'].includes(added[0] ?? '')
  return unnamed && hasNoPlace(kind, instance)
}

/** Text needs no colour, but slices and radiographs have none of their own: screens and fused pictures do. */
function isColour({ SamplesPerPixel, PhotometricInterpretation = '' }: GateFields): boolean {
  return (
    (SamplesPerPixel !== undefined && SamplesPerPixel > 1) ||
    /^(RGB|ARGB|CMYK|HSV|YBR|XYB|PALETTE)/.test(PhotometricInterpretation.trim().toUpperCase())
  )
}

function hasNoPlace(kind: Kind, { Rows, oriented }: GateFields): boolean {
  return kind === 'slice' && oriented === false && Rows !== 0
}

/** One more sign beside a missing ImageType, which the definitions of images demand. */
function looksLikeScreen(kind: Kind, instance: GateFields): boolean {
  const { BitsAllocated, Rows = 0, Columns = 0 } = instance
  if (isColour(instance) || hasNoPlace(kind, instance) || hasScreenSize(Rows, Columns)) return true
  return kind === 'slice' && Rows > 0 && (BitsAllocated === 8 || Rows !== Columns)
}

/** What the gate asks of an instance, from the instance itself. */
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

/** Whether a person's look (or blacking out) can lift a refusal of reviewRequired (D5); the others stand (D6). */
export function clearableByReview(code: ErrorCode): boolean {
  return code === 'burned-in-annotation' || code === 'pixel-review-required'
}
