/**
 * What stands between an instance and being sent de-identified (D5, D6): decided from columns of the index, before any
 * file is opened.
 */
import type { ErrorCode } from '../contract/errors.ts'
import { transferSyntax } from '../dicom/transfer-syntax.ts'

/** Values as stored; multi-valued ones joined by a backslash; empty when absent. */
export interface GateFields {
  readonly SOPClassUID: string
  readonly Modality: string
  readonly ImageType: string
  readonly BurnedInAnnotation: string
  readonly ConversionType: string
  /** Where known: video is looked at, whatever its class. */
  readonly TransferSyntaxUID?: string
}

export interface GateOptions {
  /** The option Clean Recognizable Visual Features was asked for: no face is removed here, so images are refused. */
  readonly cleanRecognizableVisualFeatures?: boolean
}

const storage = '1.2.840.10008.5.1.4.1.1.'

type Kind = 'image' | 'look' | 'data' | 'document' | 'report'

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
  [/^(1|1\.1|1\.1\.1|1\.2|1\.2\.1|1\.3|1\.3\.1)$/, 'image'],
  [
    /^(2|2\.1|2\.2|4|4\.1|4\.3|4\.4|12\.1|12\.1\.1|12\.2|12\.2\.1|12\.3|13\.1\.[1-5]|14\.[12]|20|5|30|128|128\.1|130)$/,
    'image',
  ],
  [/^481\.(1|2|23|24)$/, 'image'],
  // waveforms, but no voice: nobody can look at a voice
  [/^9\.(1\.[1-4]|2\.1|3\.1|5\.1|6\.[12]|7\.[1-4]|8\.1)$/, 'data'],
  [
    /^(4\.2|11\.([1-9]|1[0-2])|66\.[1-7]|67|77\.1\.5\.3|78\.[1-57-8]|80\.1|81\.1|82\.1|91\.1|481\.([3-9]|1\d|2[0-25]))$/,
    'data',
  ],
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

/**
 * Words in ImageType by which devices mark screens, reports and labels (PS3.3 C.7.6.1.1.2 leaves values 3 and up to
 * them).
 */
const SCREEN_WORDS =
  /SCREEN|CAPTURE|SNAPSHOT|DISPLAY|REPORT|DOSE.?INFO|DOSE.?SUMMARY|SCANNED|DIGITI[SZ]ED|PHOTO|DOCUMENT|HARDCOPY|^LABEL$|^OVERVIEW$|^THUMBNAIL$/

const LOOK_MODALITIES = new Set(['US', 'IVUS', 'SC', 'OT', 'ES', 'XC', 'DMS', 'HC', 'FID', 'SMR'])

/**
 * Why an instance cannot be sent de-identified as it is, or null when nothing stands in the way.
 * burned-in-annotation, needs-a-look and recognizable-features concern its pixels: a person may look and lift the first
 * two.
 * encapsulated-document, structured-report and unknown-sop-class cannot be lifted: leave it out.
 * @see PS3.15 E.3.1, E.3.2; PS3.3 C.8.6.1 (ConversionType), C.7.6.1.1.2 (ImageType)
 */
export function lookNeeded(instance: GateFields, options: GateOptions = {}): ErrorCode | null {
  const kind = kindOf(instance.SOPClassUID.trim())
  if (kind === 'document') return 'encapsulated-document'
  if (kind === 'report') return 'structured-report'
  if (kind === null) return 'unknown-sop-class'
  if (kind === 'data') return null
  if (options.cleanRecognizableVisualFeatures) return 'recognizable-features'
  if (instance.BurnedInAnnotation.trim().toUpperCase() === 'YES') return 'burned-in-annotation'
  if (
    kind === 'look' ||
    (instance.TransferSyntaxUID && transferSyntax(instance.TransferSyntaxUID).pixels === 'video') ||
    instance.ConversionType.trim() !== '' ||
    LOOK_MODALITIES.has(instance.Modality.trim().toUpperCase())
  )
    return 'needs-a-look'
  // The first two values are defined terms; only what devices add can name a screen.
  const words = instance.ImageType.toUpperCase()
    .split('\\')
    .slice(2)
    .map((word) => word.trim())
  return words.some((word) => SCREEN_WORDS.test(word)) ? 'needs-a-look' : null
}

/** Whether a person's look (or blacking out) can lift a refusal of lookNeeded (D5); the others stand (D6). */
export function liftedByALook(code: ErrorCode): boolean {
  return code === 'burned-in-annotation' || code === 'needs-a-look'
}
