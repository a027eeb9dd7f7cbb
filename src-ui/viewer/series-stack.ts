/** Makes a stack of frames in reading order from the WADO-RS metadata of one series. Pure. */
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import { frameCount } from '../../src-core/dicom/pixels/frame-count.ts'
import type { LookupTable } from '../../src-core/dicom/pixels/lookup-table.ts'
import { lookupTableOf, lutItem, overlaysOf, paletteBytes, type Overlay } from './display-tables.ts'
import { itemsOf, numberOf, numbersOf, textOf, textsOf, type JsonDataset } from './dicom-json.ts'
import { paletteOf, type Palette } from './palette.ts'
import type { VoiWindow, VoiFunction } from './gray-table.ts'

/** A multi-frame object with more frames is refused: no real acquisition has more, and the list is kept in memory. */
const MAX_FRAMES = 100_000

export interface StackFrame {
  readonly SOPInstanceUID: string
  /** The number of the frame, from 1; frames: how many the instance has. */
  readonly frame: number
  readonly frames: number
  readonly Rows: number
  readonly Columns: number
  readonly SamplesPerPixel: number
  readonly BitsAllocated: number
  readonly BitsStored: number
  readonly HighBit: number
  readonly PixelRepresentation: 0 | 1
  readonly PhotometricInterpretation: string
  readonly PresentationLUTShape: string
  readonly RescaleSlope: number
  readonly RescaleIntercept: number
  /** The modality LUT, which replaces slope and intercept (PS3.3 C.11.1). */
  readonly modalityTable: LookupTable | null
  /** The VOI LUT, which takes precedence over the windows (PS3.3 C.11.2.1.1). */
  readonly voiTable: LookupTable | null
  readonly overlays: readonly Overlay[]
  /** The file's own windows, in modality units. */
  readonly windows: readonly VoiWindow[]
  /** Distance between rows and between columns; null when the image is not calibrated in the patient. */
  readonly rowSpacingMm: number | null
  readonly columnSpacingMm: number | null
  /** The height of a pixel divided by its width, for display. */
  readonly pixelAspect: number
  /** The direction cosines of rows and columns (PS3.3 C.7.6.2.1.1), or null. */
  readonly ImageOrientationPatient: readonly number[] | null
  /** The letters of PatientOrientation (PS3.3 C.7.6.1.1.1), used where there are no cosines. */
  readonly PatientOrientation: readonly string[]
  readonly palette: Palette | null
  /** Both ends of the range of stored values that stand for no image, or null. */
  readonly padding: readonly [number, number] | null
  /** The page cannot turn the stored values into a picture: the server has to render it. */
  readonly renderedOnly: boolean
  readonly frameTimeMs: number | null
  /** The code that says why the frame cannot be shown, or null. */
  readonly code: ErrorCode | null
}

export interface StackDocument {
  readonly SOPInstanceUID: string
  readonly SOPClassUID: string
}

export interface SeriesStack {
  readonly Modality: string
  readonly frames: readonly StackFrame[]
  /** Encapsulated documents and structured reports. */
  readonly documents: readonly StackDocument[]
  /** The number of instances that are neither image nor document. */
  readonly others: number
}

/** @param metadata one data set per instance, as served */
export function stackOf(metadata: readonly JsonDataset[]): SeriesStack {
  const frames: StackFrame[] = []
  const documents: StackDocument[] = []
  let others = 0
  for (const instance of inReadingOrder(metadata)) {
    const SOPInstanceUID = textOf(instance, '00080018')
    const SOPClassUID = textOf(instance, '00080016')
    if (!SOPInstanceUID) others += 1
    else if (isDocument(SOPClassUID)) documents.push({ SOPInstanceUID, SOPClassUID })
    else if (numberOf(instance, '00280010') && numberOf(instance, '00280011'))
      for (const frame of framesOf(instance)) frames.push(frame)
    else others += 1
  }
  return { Modality: textOf(metadata[0] ?? {}, '00080060'), frames, documents, others }
}

/** Whether a class is an encapsulated document (PDF, CDA, STL …) or a structured report (PS3.4 B.5). */
export function isDocument(SOPClassUID: string): boolean {
  return SOPClassUID.startsWith('1.2.840.10008.5.1.4.1.1.104.') || SOPClassUID.startsWith('1.2.840.10008.5.1.4.1.1.88.')
}

/**
 * Sorts by InstanceNumber where all have a different one, else along the normal of the slices, else keeps the order as
 * served.
 */
function inReadingOrder(metadata: readonly JsonDataset[]): readonly JsonDataset[] {
  const numbers = metadata.map((instance) => numberOf(instance, '00200013'))
  if (numbers.every((number) => number !== null) && new Set(numbers).size === numbers.length)
    return sortedBy(metadata, numbers as number[])
  const positions = metadata.map(positionAlongNormal)
  return positions.every((position) => position !== null) ? sortedBy(metadata, positions as number[]) : metadata
}

function sortedBy(metadata: readonly JsonDataset[], keys: readonly number[]): JsonDataset[] {
  return metadata
    .map((instance, index) => ({ instance, key: keys[index]! }))
    .sort((a, b) => a.key - b.key)
    .map(({ instance }) => instance)
}

/** Returns ImagePositionPatient projected on the normal of the slice (PS3.3 C.7.6.2.1.1), in mm. */
function positionAlongNormal(instance: JsonDataset): number | null {
  const [x, y, z] = numbersOf(instance, '00200032')
  const [a, b, c, d, e, f] = numbersOf(instance, '00200037')
  if (z === undefined || f === undefined) return null
  return x! * (b! * f - c! * e!) + y! * (c! * d! - a! * f) + z * (a! * e! - b! * d!)
}

function framesOf(instance: JsonDataset): StackFrame[] {
  const count = frameCount(numberOf(instance, '00280008') ?? undefined)
  const tooMany = count > MAX_FRAMES
  const shared = itemsOf(instance, '52009229')[0] ?? {}
  const ownGroups = itemsOf(instance, '52009230')
  const attributes = instanceAttributes(instance, tooMany)
  const withGroups = (groups: readonly JsonDataset[]) => ({ ...attributes, ...frameAttributes(instance, groups) })
  // Frames without functional groups of their own share one object, so that a frame count from outside costs only a
  // list of that length.
  const withoutOwnGroups = withGroups([shared])
  return Array.from({ length: tooMany ? 1 : count }, (_, index) => ({
    ...(ownGroups[index] ? withGroups([ownGroups[index], shared]) : withoutOwnGroups),
    frame: index + 1,
    frames: tooMany ? 1 : count,
  }))
}

/**
 * Returns where a frame is in the patient: its own functional groups take precedence over the shared ones, then the
 * image.
 */
function frameAttributes(instance: JsonDataset, groups: readonly JsonDataset[]) {
  const macro = (sequence: string) => groups.map((group) => itemsOf(group, sequence)[0]).find(Boolean) ?? instance
  const voiLut = lutItem(macro('00289132'), '00283010')
  const spacing = spacingOf(macro('00289110'))
  const orientation = numbersOf(macro('00209116'), '00200037')
  return {
    RescaleSlope: numberOf(macro('00289145'), '00281053') ?? 1,
    RescaleIntercept: numberOf(macro('00289145'), '00281052') ?? 0,
    voiTable: voiLut
      ? lookupTableOf(voiLut, numberOf(instance, '00280103') === 1 || voiLut['00283002']?.vr === 'SS')
      : null,
    windows: windowsOf(macro('00289132')),
    rowSpacingMm: spacing?.[0] ?? null,
    columnSpacingMm: spacing?.[1] ?? null,
    pixelAspect: spacing ? spacing[0] / spacing[1] : aspectOf(instance),
    ImageOrientationPatient: orientation.length === 6 ? orientation : null,
  }
}

function instanceAttributes(instance: JsonDataset, tooMany: boolean) {
  const PhotometricInterpretation = textOf(instance, '00280004')
  const palette =
    PhotometricInterpretation === 'PALETTE COLOR'
      ? paletteOf(
          ['1101', '1102', '1103'].map((tag) => numbersOf(instance, `0028${tag}`)),
          [1, 2, 3].map((channel) => paletteBytes(instance, channel)),
          numberOf(instance, '00280103') === 1,
        )
      : null
  const BitsAllocated = numberOf(instance, '00280100') ?? 16
  const BitsStored = numberOf(instance, '00280101') ?? BitsAllocated
  const HighBit = numberOf(instance, '00280102') ?? BitsStored - 1
  const modalityLut = lutItem(instance, '00283000')
  const modalityTable = modalityLut ? lookupTableOf(modalityLut, numberOf(instance, '00280103') === 1) : null
  const overlays = overlaysOf(instance, { BitsAllocated, BitsStored, HighBit })
  const floatPixels = instance['7FE00008'] !== undefined || instance['7FE00009'] !== undefined
  const rate = numberOf(instance, '00082144') ?? numberOf(instance, '00180040')
  return {
    SOPInstanceUID: textOf(instance, '00080018'),
    Rows: numberOf(instance, '00280010')!,
    Columns: numberOf(instance, '00280011')!,
    SamplesPerPixel: numberOf(instance, '00280002') ?? 1,
    BitsAllocated,
    BitsStored,
    HighBit,
    modalityTable,
    overlays: overlays ?? [],
    PixelRepresentation: (numberOf(instance, '00280103') === 1 ? 1 : 0) as 0 | 1,
    PhotometricInterpretation,
    PresentationLUTShape: textOf(instance, '20500020'),
    PatientOrientation: textsOf(instance, '00200020'),
    palette,
    padding: paddingOf(instance),
    renderedOnly:
      (modalityLut !== undefined && !modalityTable) ||
      !overlays ||
      floatPixels ||
      BitsAllocated > 32 ||
      (PhotometricInterpretation === 'PALETTE COLOR' && !palette),
    frameTimeMs: numberOf(instance, '00181063') ?? (rate ? 1000 / rate : null),
    code: (isVideo(textOf(instance, '00080016')) ? 'video' : tooMany ? 'bad-dimensions' : null) as ErrorCode | null,
  }
}

/** Returns the range of Pixel Padding Value and Pixel Padding Range Limit (PS3.3 C.7.5.1.1.2). */
function paddingOf(instance: JsonDataset): [number, number] | null {
  const value = numberOf(instance, '00280120')
  if (value === null) return null
  const bits = numberOf(instance, '00280100') ?? 16
  // Some writers store the value of signed pixels as an unsigned word.
  const ends = [value, numberOf(instance, '00280121') ?? value].map((end) =>
    numberOf(instance, '00280103') === 1 && end >= 2 ** (bits - 1) ? end - 2 ** bits : end,
  )
  return [Math.min(...ends), Math.max(...ends)]
}

/** Whether a class is a video endoscopic, microscopic or photographic image (PS3.4 B.5). */
function isVideo(SOPClassUID: string): boolean {
  return /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.77\.1\.[124]\.1$/.test(SOPClassUID)
}

function windowsOf(dataset: JsonDataset): VoiWindow[] {
  const widths = numbersOf(dataset, '00281051')
  const stored = textOf(dataset, '00281056')
  const voiFunction: VoiFunction = stored === 'LINEAR_EXACT' || stored === 'SIGMOID' ? stored : 'LINEAR'
  return numbersOf(dataset, '00281050')
    .map((center, index) => ({ center, width: widths[index] ?? 0, function: voiFunction }))
    .filter(({ width }) => (voiFunction === 'LINEAR' ? width >= 1 : width > 0))
}

function spacingOf(dataset: JsonDataset): [number, number] | null {
  const [row, column] = numbersOf(dataset, '00280030')
  return row && column && row > 0 && column > 0 ? [row, column] : null
}

/** Returns PixelAspectRatio, vertical to horizontal (PS3.3 C.7.6.3.1.7), or the ratio of the detector's spacing. */
function aspectOf(dataset: JsonDataset): number {
  for (const tag of ['00280034', '00181164']) {
    const [vertical, horizontal] = numbersOf(dataset, tag)
    if (vertical && horizontal && vertical > 0 && horizontal > 0) return vertical / horizontal
  }
  return 1
}
