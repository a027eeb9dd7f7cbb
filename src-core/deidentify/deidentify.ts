/**
 * One instance de-identified by the Basic Application Level Confidentiality Profile and its options (PS3.15 Annex E):
 * header rewritten, pixel data passed on as slices.
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
import type { Place } from './dummy.ts'

export interface DeidentifyContext {
  readonly options: ReadonlySet<OptionName>
  /**
   * The same new UID for the same old one, always. Called with instance UIDs only, never with those of the standard.
   */
  readonly mapUid: (uid: string) => string
  /** Whole days by which retainLongitudinalModifiedDates moves dates: one number per patient. */
  readonly shiftDays: number
  /** Anonymous^<number> (D7). */
  readonly patientName: string
  readonly patientId: string
  /** A person has looked at the pixels of this series and signed them off (D5). */
  readonly pixelsReviewed?: boolean
  /** To be made black; drawing them is a look. Compressed pixels in which they are black already are cleanedPixels. */
  readonly regions?: readonly Region[]
  /** Written instead of the source's pixels, decoded and compressed again. */
  readonly cleanedPixels?: CleanedPixels
  /** Fill actions, line by line. */
  readonly preview?: boolean
}

export interface DeidentifiedInstance {
  /**
   * The new file. Large values are slices of the source's bytes: write them before the source's buffer is used again.
   */
  readonly chunks: readonly Uint8Array[]
  readonly SOPInstanceUID: string
  readonly SOPClassUID: string
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  readonly TransferSyntaxUID: string
  /** Empty unless preview was asked for. */
  readonly actions: readonly PreviewLine[]
}

/**
 * The instance without what identifies. Of its pixels what is shown is passed on, and nothing else: see pixelOverrides.
 * @error burned-in-annotation, pixel-review-required unless pixelsReviewed or painted; encapsulated-document,
 * structured-report, unknown-sop-class, recognizable-features; cannot-deidentify; missing-uid; and what pixelOverrides
 * throws
 */
export function deidentifyInstance(file: DicomFile, context: DeidentifyContext): DeidentifiedInstance {
  const { dataset } = file
  if (file.partial) throw new OutpostError('truncated')
  const syntax = transferSyntax(file.TransferSyntaxUID)
  const painted = isPainted(context)
  checkGate(file, context)
  // A codec that nobody knows, or pixels behind a URL, cannot be vouched for.
  if (!isKnownTransferSyntax(file.TransferSyntaxUID) || syntax.pixels === 'other')
    throw new OutpostError('cannot-deidentify', { TransferSyntaxUID: file.TransferSyntaxUID })

  // Options keep UIDs by their column; some rows (digital signatures) are mapped all the same.
  const mapped = (tag: Tag): string =>
    context.options.has('retainUIDs') ? requiredUid(dataset, tag) : context.mapUid(requiredUid(dataset, tag))
  const SOPClassUID = requiredUid(dataset, TAG.SOPClassUID)
  const SOPInstanceUID = mapped(TAG.SOPInstanceUID)
  const StudyInstanceUID = mapped(TAG.StudyInstanceUID)
  const SeriesInstanceUID = mapped(TAG.SeriesInstanceUID)
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
      place: placeOf(dataset),
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
 * The gate of D5 and D6, which reads the header alone: pixels that may not leave need not be decoded.
 * @error what reviewRequired names, unless a look lifts it
 */
export function checkGate(file: DicomFile, context: Reviewed): void {
  const painted = isPainted(context)
  const refusal = reviewRequired(gateFieldsOf(file), {
    cleanRecognizableVisualFeatures: context.options.has('cleanRecognizableVisualFeatures'),
  })
  if (refusal && !(clearableByReview(refusal) && (context.pixelsReviewed || painted)))
    throw new OutpostError(refusal, { SOPInstanceUID: text(file.dataset, TAG.SOPInstanceUID) })
}

/**
 * CR, DX, mammography, CT, MR, ultrasound, secondary capture, XA, RF, NM: their modules leave optional what others
 * demand.
 */
const SINGLE_FRAME =
  /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(1|1\.[1-3]|1\.[1-3]\.1|2|4|3|3\.1|6|6\.1|7|12\.1|12\.2|12\.3|20|5)$/

function placeOf(dataset: DicomDataset): Place {
  if (SINGLE_FRAME.test(text(dataset, TAG.SOPClassUID))) return 'image'
  return dataset.elements.has(TAG.PerFrameFunctionalGroupsSequence) ? 'enhanced' : 'other'
}

/** What the file says of itself (D4), whose it is now (D7), and its pixels; in the order of the tags. */
function overridesOf(file: DicomFile, context: DeidentifyContext, painted: boolean): Override[] {
  const overrides: Override[] = [
    textOverride(TAG.PatientName, 'PN', context.patientName),
    textOverride(TAG.PatientID, 'LO', context.patientId),
    ...statements(context.options, painted),
  ]
  if (file.dataset.elements.has(TAG.PixelData) && (painted || context.pixelsReviewed))
    overrides.push(textOverride(TAG.BurnedInAnnotation, 'CS', 'NO'))
  overrides.push(...pixelOverrides(file, context))
  return overrides.sort((one, other) => one.tag - other.tag)
}

function textOverride(tag: Tag, vr: VR, value: string): Override {
  return { tag, write: (writer) => writer.text(tag, vr, value) }
}

const said = new Map<string, readonly Override[]>()

/** What was done, as every file says it under these options. */
function statements(options: ReadonlySet<OptionName>, painted: boolean): readonly Override[] {
  // Only what was done: no face is ever removed here.
  const methods: MethodName[] = [
    'basic',
    ...(painted ? ['cleanPixelData' as const] : []),
    ...[...options].filter((option) => option !== 'cleanRecognizableVisualFeatures'),
  ]
  const name = methods.join()
  const known = said.get(name)
  if (known) return known
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
  const made: Override[] = [
    textOverride(TAG.PatientIdentityRemoved, 'CS', 'YES'),
    textOverride(
      TAG.DeidentificationMethod,
      'LO',
      methods.map((method) => METHOD_CODES[method][1].slice(0, 64)).join('\\'),
    ),
    { tag: TAG.DeidentificationMethodCodeSequence, write: (writer) => writer.raw(sequence) },
    textOverride(TAG.LongitudinalTemporalInformationModified, 'CS', dates),
  ]
  said.set(name, made)
  return made
}
