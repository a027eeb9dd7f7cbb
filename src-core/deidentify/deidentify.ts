/**
 * De-identifies one instance by the Basic Application Level Confidentiality Profile and its options (PS3.15 Annex E).
 * The header is rewritten; pixel data is passed on as slices.
 */
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomFile, Tag, VR } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { EXPLICIT_LITTLE, isKnownTransferSyntax, transferSyntax } from '../dicom/transfer-syntax.ts'
import { requiredUid, text } from '../dicom/values.ts'
import { filePreambleAndMeta } from '../dicom/write.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { gateFieldsOf, clearableByReview, reviewRequired } from './gate.ts'
import { identityOf } from './identity.ts'
import { METHOD_CODES, type MethodName, type OptionName } from './options.ts'
import { cleanedSyntax, type CleanedPixels } from './cleaned-pixels.ts'
import { PIXEL_TAGS, pixelOverrides } from './pixel-data.ts'
import type { Region } from './regions.ts'
import { rewriteDataset, type Override, type PreviewLine } from './rewrite.ts'
import type { ObjectKind } from './dummy.ts'

export interface DeidentifyContext {
  readonly options: ReadonlySet<OptionName>
  /**
   * Returns the new UID for an old one, and always the same one. It is called with UIDs of instances only, never with
   * those that the standard defines.
   */
  readonly mapUid: (uid: string) => string
  /**
   * The number of whole days by which retainLongitudinalModifiedDates shifts dates. It is the same for all files of a
   * patient.
   */
  readonly shiftDays: number
  /** The new name, Anonymous^<number> (D7). */
  readonly patientName: string
  readonly patientId: string
  /** Whether a person has reviewed the pixels of this series and signed them off (D5). */
  readonly pixelsReviewed?: boolean
  /**
   * The regions to black out. Drawing them counts as a pixel review. When compressed pixels were blacked out already,
   * they are given as cleanedPixels.
   */
  readonly regions?: readonly Region[]
  /** The pixels to write instead of those of the source. They were decoded and compressed again. */
  readonly cleanedPixels?: CleanedPixels
  /** Whether to record what was done to each element in `actions`. */
  readonly preview?: boolean
}

export interface DeidentifiedInstance {
  /**
   * The bytes of the new file in pieces. Large values are slices of the source, so they must be written before the
   * buffer of the source is used again.
   */
  readonly chunks: readonly Uint8Array[]
  readonly SOPInstanceUID: string
  readonly SOPClassUID: string
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  readonly TransferSyntaxUID: string
  /** What was done to each element; empty unless `preview` was set. */
  readonly actions: readonly PreviewLine[]
}

/**
 * The instance without identifying information. Only those pixel data are passed on that a viewer shows; see
 * pixelOverrides.
 * @error burned-in-annotation, pixel-review-required unless pixelsReviewed or painted; encapsulated-document,
 * structured-report, unknown-sop-class, recognizable-features; cannot-deidentify; missing-uid; and what pixelOverrides
 * throws
 */
export function deidentifyInstance(file: DicomFile, context: DeidentifyContext): DeidentifiedInstance {
  const { dataset } = file
  if (file.partial) throw new OutpostError('truncated')
  const syntax = transferSyntax(file.TransferSyntaxUID)
  const painted = isPainted(context)
  requirePixelReview(file, context)
  // Pixels of an unknown codec, or pixels that only a URL refers to, cannot be checked.
  if (!isKnownTransferSyntax(file.TransferSyntaxUID) || syntax.pixels === 'other')
    throw new OutpostError('cannot-deidentify', { TransferSyntaxUID: file.TransferSyntaxUID })

  // retainUIDs keeps UIDs as its column of the table says. Some rows, such as those of digital signatures, are mapped
  // even then.
  const uidInOutput = (tag: Tag): string =>
    context.options.has('retainUIDs') ? requiredUid(dataset, tag) : context.mapUid(requiredUid(dataset, tag))
  const SOPClassUID = requiredUid(dataset, TAG.SOPClassUID)
  const SOPInstanceUID = uidInOutput(TAG.SOPInstanceUID)
  const StudyInstanceUID = uidInOutput(TAG.StudyInstanceUID)
  const SeriesInstanceUID = uidInOutput(TAG.SeriesInstanceUID)
  const encapsulated = PIXEL_TAGS.some((tag) => dataset.elements.get(tag)?.fragments !== undefined)
  const native = syntax.pixels === 'native' || (!encapsulated && PIXEL_TAGS.some((tag) => dataset.elements.has(tag)))
  const TransferSyntaxUID = context.cleanedPixels
    ? cleanedSyntax(context.cleanedPixels)
    : native
      ? EXPLICIT_LITTLE
      : file.TransferSyntaxUID

  const writer = new ChunkWriter()
  writer.raw(
    filePreambleAndMeta({
      MediaStorageSOPClassUID: SOPClassUID,
      MediaStorageSOPInstanceUID: SOPInstanceUID,
      TransferSyntaxUID,
    }),
  )
  const actions: PreviewLine[] | null = context.preview ? [] : null
  rewriteDataset(
    {
      writer,
      options: context.options,
      identity: identityOf(dataset),
      mapUid: context.mapUid,
      shiftDays: context.shiftDays,
      preview: actions,
      objectKind: objectKindOf(dataset),
    },
    dataset,
    overridesOf(file, context, painted),
  )
  return {
    chunks: writer.chunks(),
    SOPInstanceUID,
    SOPClassUID,
    StudyInstanceUID,
    SeriesInstanceUID,
    TransferSyntaxUID,
    actions: actions ?? [],
  }
}

type Reviewed = Pick<DeidentifyContext, 'options' | 'pixelsReviewed' | 'regions'>

const isPainted = ({ regions }: Reviewed): boolean => regions !== undefined && regions.length > 0

/**
 * Checks D5 and D6. It reads the header only, so that pixels which may not leave need not be decoded.
 * @error the code that reviewRequired returns, unless a pixel review clears it
 */
export function requirePixelReview(file: DicomFile, context: Reviewed): void {
  const painted = isPainted(context)
  const refusal = reviewRequired(gateFieldsOf(file), {
    cleanRecognizableVisualFeatures: context.options.has('cleanRecognizableVisualFeatures'),
  })
  if (refusal && !(clearableByReview(refusal) && (context.pixelsReviewed || painted)))
    throw new OutpostError(refusal, { SOPInstanceUID: text(file.dataset, TAG.SOPInstanceUID) })
}

/**
 * The SOP classes of single-frame images: CR, DX, mammography, CT, MR, ultrasound, secondary capture, XA, RF and NM.
 * Attributes that other classes require are optional in their modules.
 */
const SINGLE_FRAME =
  /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(1|1\.[1-3]|1\.[1-3]\.1|2|4|3|3\.1|6|6\.1|7|12\.1|12\.2|12\.3|20|5)$/

function objectKindOf(dataset: DicomDataset): ObjectKind {
  if (SINGLE_FRAME.test(text(dataset, TAG.SOPClassUID))) return 'image'
  return dataset.elements.has(TAG.PerFrameFunctionalGroupsSequence) ? 'enhanced' : 'other'
}

/**
 * The elements that are written in place of those of the source, ordered by tag: the statement of de-identification
 * (D4), the new patient (D7) and the pixels.
 */
function overridesOf(file: DicomFile, context: DeidentifyContext, painted: boolean): Override[] {
  const overrides: Override[] = [
    textOverride(TAG.PatientName, 'PN', context.patientName),
    textOverride(TAG.PatientID, 'LO', context.patientId),
    ...statements(context.options, painted),
  ]
  if (file.dataset.elements.has(TAG.PixelData) && (painted || context.pixelsReviewed))
    overrides.push(textOverride(TAG.BurnedInAnnotation, 'CS', 'NO'))
  overrides.push(...pixelOverrides(file, context))
  return overrides.sort((left, right) => left.tag - right.tag)
}

function textOverride(tag: Tag, vr: VR, value: string): Override {
  return { tag, write: (writer) => writer.text(tag, vr, value) }
}

const statementsByMethods = new Map<string, readonly Override[]>()

/**
 * The elements by which a file states how it was de-identified. They are the same for every file with these options.
 */
function statements(options: ReadonlySet<OptionName>, painted: boolean): readonly Override[] {
  // Outpost never removes faces from images, so this option is not stated as applied.
  const methods: MethodName[] = [
    'basic',
    ...(painted ? ['cleanPixelData' as const] : []),
    ...[...options].filter((option) => option !== 'cleanRecognizableVisualFeatures'),
  ]
  const methodNames = methods.join()
  const earlierStatements = statementsByMethods.get(methodNames)
  if (earlierStatements) return earlierStatements
  const codes = new ChunkWriter()
  codes.open(TAG.DeidentificationMethodCodeSequence, 'SQ')
  for (const method of methods) {
    codes.startItem()
    codes.text(TAG.CodeValue, 'SH', METHOD_CODES[method][0])
    codes.text(TAG.CodingSchemeDesignator, 'SH', 'DCM')
    codes.text(TAG.CodeMeaning, 'LO', METHOD_CODES[method][1])
    codes.endItem()
  }
  codes.close()
  const sequence = codes.chunks()[0]!.slice()
  const dates = options.has('retainLongitudinalFullDates')
    ? 'UNMODIFIED'
    : options.has('retainLongitudinalModifiedDates')
      ? 'MODIFIED'
      : 'REMOVED'
  const overrides: Override[] = [
    textOverride(TAG.PatientIdentityRemoved, 'CS', 'YES'),
    textOverride(
      TAG.DeidentificationMethod,
      'LO',
      methods.map((method) => METHOD_CODES[method][1].slice(0, 64)).join('\\'),
    ),
    { tag: TAG.DeidentificationMethodCodeSequence, write: (writer) => writer.raw(sequence) },
    textOverride(TAG.LongitudinalTemporalInformationModified, 'CS', dates),
  ]
  statementsByMethods.set(methodNames, overrides)
  return overrides
}
