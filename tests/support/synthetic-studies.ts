/**
 * Makes invented studies whose objects refer to each other in every way that their definitions allow. The same seed
 * gives the same studies.
 */
import type { Tag, VR } from '../../src-core/dicom/dataset.ts'
import { TAG, vrOf, type Keyword } from '../../src-core/dicom/dictionary.ts'
import { filePreambleAndMeta, numberElement } from '../../src-core/dicom/write.ts'
import { sequenceOf } from './mutants.ts'

/** A data set by keyword: text, numbers, bytes or items. */
export interface SyntheticDataset {
  readonly [keyword: string]: string | readonly number[] | Uint8Array | readonly SyntheticDataset[]
}

/** How the data set is written. Sequences may be written as UN, as systems do that do not know the sequence. */
export type Encoding = 'explicit' | 'implicit' | 'undefined lengths' | 'unknown sequences'

export interface SyntheticInstance {
  readonly dataset: SyntheticDataset
  readonly encoding: Encoding
}

/** Every UID of the sources begins with this root, and nothing else in them does. */
export const SOURCE_ROOT = '1.2.276.0.7230010.9.'
const storage = '1.2.840.10008.5.1.4.1.1.'
export const CLASSES = {
  CT: `${storage}2`,
  presentation: `${storage}11.1`,
  keyObjects: `${storage}88.59`,
  report: `${storage}88.33`,
  segmentation: `${storage}66.4`,
  registration: `${storage}66.1`,
  structures: `${storage}481.3`,
}

const items = (value: SyntheticDataset[string]): value is readonly SyntheticDataset[] =>
  Array.isArray(value) && typeof value[0] === 'object'
const LONG = new Set<VR>(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'UN', 'UC', 'UR', 'UT'])
const hidden = new Set<Tag>([
  TAG.DerivationImageSequence,
  TAG.RTROIObservationsSequence,
  TAG.RTReferencedStudySequence,
  TAG.StudiesContainingOtherReferencedInstancesSequence,
])

/** Returns the file of an instance. */
export function fileOf({ dataset, encoding }: SyntheticInstance): Uint8Array {
  const TransferSyntaxUID = encoding === 'implicit' ? '1.2.840.10008.1.2' : '1.2.840.10008.1.2.1'
  const meta = filePreambleAndMeta({
    MediaStorageSOPClassUID: String(dataset['SOPClassUID']),
    MediaStorageSOPInstanceUID: String(dataset['SOPInstanceUID']),
    TransferSyntaxUID,
  })
  return new Uint8Array(Buffer.concat([meta, encode(dataset, encoding)]))
}

function encode(dataset: SyntheticDataset, encoding: Encoding): Buffer {
  const tags = Object.keys(dataset)
    .map((keyword) => [TAG[keyword as Keyword], dataset[keyword]!] as const)
    .sort(([source], [other]) => source - other)
  return Buffer.concat(tags.flatMap(([tag, value]) => encodeElement(tag, value, encoding)))
}

function encodeElement(tag: Tag, value: SyntheticDataset[string], encoding: Encoding): Buffer[] {
  const header = Buffer.alloc(encoding === 'implicit' ? 8 : 12)
  header.writeUInt16LE(tag >>> 16, 0)
  header.writeUInt16LE(tag & 0xffff, 2)
  const unknown = encoding === 'unknown sequences' && hidden.has(tag)
  const open = encoding === 'undefined lengths' && items(value)
  const vr: VR = unknown ? 'UN' : tag === TAG.PixelData ? 'OW' : tag === TAG.PixelPaddingValue ? 'SS' : vrOf(tag)
  // PS3.5 6.2.2: the content of a sequence written as UN is implicit VR little endian.
  const body = valueOf(value, vr, tag, unknown ? 'implicit' : encoding)
  const length = open ? 0xffffffff : body.length
  const end = open ? [Buffer.from('feffdde000000000', 'hex')] : []
  if (encoding === 'implicit') {
    header.writeUInt32LE(length, 4)
    return [header, body, ...end]
  }
  header.write(vr, 4, 'latin1')
  if (LONG.has(vr)) header.writeUInt32LE(length, 8)
  else header.writeUInt16LE(length, 6)
  return [LONG.has(vr) ? header : header.subarray(0, 8), body, ...end]
}

function valueOf(value: SyntheticDataset[string], vr: VR, tag: Tag, encoding: Encoding): Buffer {
  if (items(value)) {
    return Buffer.concat(
      value.flatMap((item) => {
        const body = encode(item, encoding)
        const header = Buffer.from('feff00e000000000', 'hex')
        header.writeUInt32LE(encoding === 'undefined lengths' ? 0xffffffff : body.length, 4)
        return encoding === 'undefined lengths'
          ? [header, body, Buffer.from('feff0de000000000', 'hex')]
          : [header, body]
      }),
    )
  }
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (typeof value !== 'string')
    return vrOf(tag) === 'SQ'
      ? Buffer.alloc(0)
      : Buffer.from(numberElement(tag, vr, value as readonly number[]).value as Uint8Array)
  const bytes = Buffer.from(value)
  // Some writers wrongly pad UIDs with a space; it is still the same UID.
  const padding = vr === 'UI' && !(tag === TAG.ReferencedSOPInstanceUID && encoding === 'undefined lengths') ? 0 : 0x20
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(padding)])
}

interface Made {
  readonly patient: number
  readonly study: string
  readonly series: string
  readonly images: readonly string[]
  readonly frameOfReference: string
  readonly keyObjects: string
}

const code = (CodeValue: string, CodingSchemeDesignator: string, CodeMeaning: string): SyntheticDataset => ({
  CodeValue,
  CodingSchemeDesignator,
  CodeMeaning,
})
const reference = (ReferencedSOPInstanceUID: string, ReferencedSOPClassUID = CLASSES.CT): SyntheticDataset => ({
  ReferencedSOPClassUID,
  ReferencedSOPInstanceUID,
})

/**
 * Makes studies of patients who have one to five each. A study may refer to an earlier one of its patient, and to
 * instances that do not exist.
 * @returns for each study ten instances: four CT images, presentation state, key objects, segmentation, registration,
 *   structure set, report
 */
export function* syntheticStudies(count: number, seed: number): Generator<readonly SyntheticInstance[]> {
  const below = sequenceOf(seed)
  const encodings: readonly Encoding[] = ['explicit', 'implicit', 'undefined lengths', 'unknown sequences']
  let patient = 0
  let earlier: Made[] = []
  for (let number = 0; number < count; number++) {
    if (earlier.length > below(5)) earlier = []
    if (earlier.length === 0) patient++
    const made = makeStudy(number, patient, earlier, below)
    earlier = [...earlier, made.names]
    yield made.datasets.map((dataset) => ({ dataset, encoding: encodings[below(encodings.length)]! }))
  }
}

function makeStudy(
  number: number,
  patient: number,
  earlier: readonly Made[],
  below: (below: number) => number,
): { names: Made; datasets: SyntheticDataset[] } {
  let last = 0
  // UIDs have up to 64 characters and differ in few of them, so that a map that compares only a part is noticed.
  const uid = (): string => `${SOURCE_ROOT}${number}.${'7'.repeat(1 + below(34))}.${++last}`
  const study = uid()
  const series = uid()
  const names: Made = {
    patient,
    study,
    series,
    images: [uid(), uid(), uid(), uid()],
    frameOfReference: uid(),
    keyObjects: uid(),
  }
  const prior = earlier.length > 0 ? earlier[below(earlier.length)]! : null
  const nowhere = uid()
  const report = uid()
  const day = `2026${String(1 + below(12)).padStart(2, '0')}${String(1 + below(28)).padStart(2, '0')}`
  const common = (
    SOPClassUID: string,
    SOPInstanceUID: string,
    Modality: string,
    SeriesInstanceUID: string,
  ): SyntheticDataset => ({
    SOPClassUID,
    SOPInstanceUID,
    Modality,
    StudyInstanceUID: study,
    SeriesInstanceUID,
    StudyDate: day,
    StudyTime: '101112',
    AccessionNumber: `ACC${number}`,
    ReferringPhysicianName: 'Invented^Referrer',
    StudyID: String(number),
    SeriesNumber: '1',
    InstanceNumber: '1',
    Manufacturer: 'Invented',
    PatientName: `Sample^Person${patient}`,
    PatientID: `S${patient}`,
    PatientBirthDate: '19600102',
    PatientSex: 'O',
  })
  const contentParts = { ContentDate: day, ContentTime: '101112' }
  const manufactured = { ManufacturerModelName: 'Invented', DeviceSerialNumber: '1', SoftwareVersions: '1' }
  const described = { ContentLabel: 'SAMPLE', ContentDescription: 'Sample', ContentCreatorName: 'Invented^Creator' }
  const references = names.images.map((image) => reference(image))
  const seriesItem = { SeriesInstanceUID: series, ReferencedInstanceSequence: references }
  const evidenceOf = (source: Made, sops: readonly SyntheticDataset[]): SyntheticDataset => ({
    StudyInstanceUID: source.study,
    ReferencedSeriesSequence: [{ SeriesInstanceUID: source.series, ReferencedSOPSequence: sops }],
  })
  const otherStudies: SyntheticDataset = prior
    ? {
        StudiesContainingOtherReferencedInstancesSequence: [
          {
            StudyInstanceUID: prior.study,
            ReferencedSeriesSequence: [
              { SeriesInstanceUID: prior.series, ReferencedInstanceSequence: [reference(prior.images[0]!)] },
            ],
          },
        ],
      }
    : {}

  const images = names.images.map(
    (image, index): SyntheticDataset => ({
      ...common(CLASSES.CT, image, 'CT', series),
      ImageType: 'ORIGINAL\\PRIMARY\\AXIAL',
      InstanceNumber: String(index + 1),
      ...contentParts,
      AcquisitionNumber: '1',
      KVP: '120',
      FrameOfReferenceUID: names.frameOfReference,
      PositionReferenceIndicator: '',
      PatientPosition: 'HFS',
      Laterality: '',
      ImagePositionPatient: `0\\0\\${index}`,
      ImageOrientationPatient: '1\\0\\0\\0\\1\\0',
      PixelSpacing: '1\\1',
      SliceThickness: '1',
      SamplesPerPixel: [1],
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: [4],
      Columns: [4],
      BitsAllocated: [16],
      BitsStored: [12],
      HighBit: [11],
      PixelRepresentation: [0],
      RescaleIntercept: '-1024',
      RescaleSlope: '1',
      PixelData: new Uint8Array(32).fill(index),
      IrradiationEventUID: `${uid()}\\${uid()}`,
      ReferencedStudySequence: [reference(study, '1.2.840.10008.3.1.2.3.1')],
      ReferencedPerformedProcedureStepSequence: [reference(uid(), '1.2.840.10008.3.1.2.3.3')],
      // The references are to a neighbour, to an instance of the earlier study, and to one that does not exist.
      ReferencedImageSequence: [
        reference(names.images[(index + 1) % 4]!),
        ...(prior ? [reference(prior.images[index]!)] : []),
        reference(nowhere),
      ],
      SourceImageSequence: [...Array.from({ length: 6 }, () => reference(uid())), reference(nowhere)],
      ...(prior
        ? {
            RelatedSeriesSequence: [
              {
                StudyInstanceUID: prior.study,
                SeriesInstanceUID: prior.series,
                PurposeOfReferenceCodeSequence: [code('122403', 'DCM', 'For Processing')],
              },
            ],
          }
        : {}),
    }),
  )

  const presentation: SyntheticDataset = {
    ...common(CLASSES.presentation, uid(), 'PR', uid()),
    Laterality: '',
    ...described,
    PresentationCreationDate: day,
    PresentationCreationTime: '101112',
    ReferencedSeriesSequence: [{ SeriesInstanceUID: series, ReferencedImageSequence: references }],
    GraphicAnnotationSequence: [
      {
        ReferencedImageSequence: references.slice(0, 2),
        GraphicLayer: 'ONE',
        TextObjectSequence: [
          {
            UnformattedTextValue: 'Sample',
            AnchorPoint: [1, 1],
            AnchorPointAnnotationUnits: 'PIXEL',
            AnchorPointVisibility: 'Y',
          },
        ],
      },
    ],
    GraphicLayerSequence: [{ GraphicLayer: 'ONE', GraphicLayerOrder: '1' }],
    DisplayedAreaSelectionSequence: [
      {
        ReferencedImageSequence: references,
        DisplayedAreaTopLeftHandCorner: [1, 1],
        DisplayedAreaBottomRightHandCorner: [4, 4],
        PresentationSizeMode: 'SCALE TO FIT',
        PresentationPixelAspectRatio: '1\\1',
      },
    ],
    PresentationLUTShape: 'IDENTITY',
  }

  const content = (sop: SyntheticDataset): SyntheticDataset => ({
    RelationshipType: 'CONTAINS',
    ValueType: 'IMAGE',
    ReferencedSOPSequence: [sop],
  })
  const keyObjects: SyntheticDataset = {
    ...common(CLASSES.keyObjects, names.keyObjects, 'KO', uid()),
    ...contentParts,
    ...manufactured,
    ReferencedPerformedProcedureStepSequence: [],
    CurrentRequestedProcedureEvidenceSequence: [
      evidenceOf(names, [...references, reference(nowhere), reference(report, CLASSES.report)]),
    ],
    ...(prior
      ? {
          PertinentOtherEvidenceSequence: [
            evidenceOf(prior, [reference(prior.images[1]!), reference(prior.keyObjects, CLASSES.keyObjects)]),
          ],
        }
      : {}),
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: [code('113000', 'DCM', 'Of Interest')],
    ContinuityOfContent: 'SEPARATE',
    ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: '2010' }],
    ContentSequence: [
      {
        RelationshipType: 'HAS OBS CONTEXT',
        ValueType: 'UIDREF',
        ConceptNameCodeSequence: [code('121012', 'DCM', 'Device Observer UID')],
        UID: uid(),
      },
      ...references.map(content),
      content(reference(nowhere)),
      ...(prior ? [content(reference(prior.images[1]!))] : []),
    ],
  }

  const dimension = uid()
  const segmentation: SyntheticDataset = {
    ...common(CLASSES.segmentation, uid(), 'SEG', uid()),
    ...contentParts,
    ...manufactured,
    ...described,
    ...otherStudies,
    ImageType: 'DERIVED\\PRIMARY',
    FrameOfReferenceUID: names.frameOfReference,
    PositionReferenceIndicator: '',
    ReferencedSeriesSequence: [seriesItem],
    SegmentationType: 'BINARY',
    SamplesPerPixel: [1],
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: [4],
    Columns: [4],
    BitsAllocated: [1],
    BitsStored: [1],
    HighBit: [0],
    PixelRepresentation: [0],
    LossyImageCompression: '00',
    NumberOfFrames: '1',
    PixelData: new Uint8Array([0x66, 0x66]),
    SegmentSequence: [
      {
        SegmentNumber: [1],
        SegmentLabel: 'Sample',
        SegmentAlgorithmType: 'MANUAL',
        SegmentedPropertyCategoryCodeSequence: [code('123037004', 'SCT', 'Anatomical Structure')],
        SegmentedPropertyTypeCodeSequence: [code('39607008', 'SCT', 'Lung')],
        TrackingID: 'one',
        TrackingUID: uid(),
      },
    ],
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: dimension }],
    DimensionIndexSequence: [
      {
        DimensionOrganizationUID: dimension,
        DimensionIndexPointer: [0x0062000b],
        FunctionalGroupPointer: [0x0062000a],
      },
    ],
    SharedFunctionalGroupsSequence: [
      {
        PlaneOrientationSequence: [{ ImageOrientationPatient: '1\\0\\0\\0\\1\\0' }],
        PixelMeasuresSequence: [{ PixelSpacing: '1\\1', SliceThickness: '1' }],
        DerivationImageSequence: [
          {
            DerivationCodeSequence: [code('113076', 'DCM', 'Segmentation')],
            SourceImageSequence: references.map((source) => ({
              ...source,
              PurposeOfReferenceCodeSequence: [code('121322', 'DCM', 'Source image for image processing operation')],
            })),
          },
        ],
      },
    ],
    PerFrameFunctionalGroupsSequence: [
      {
        FrameContentSequence: [{ DimensionIndexValues: [1] }],
        PlanePositionSequence: [{ ImagePositionPatient: '0\\0\\0' }],
        SegmentIdentificationSequence: [{ ReferencedSegmentNumber: [1] }],
      },
    ],
  }

  const matrix = {
    FrameOfReferenceTransformationMatrixType: 'RIGID',
    FrameOfReferenceTransformationMatrix: '1\\0\\0\\0\\0\\1\\0\\0\\0\\0\\1\\0\\0\\0\\0\\1',
  }
  const registered = (source: Made): SyntheticDataset => ({
    FrameOfReferenceUID: source.frameOfReference,
    ReferencedImageSequence: source.images.map((image) => reference(image)),
    MatrixRegistrationSequence: [{ MatrixSequence: [matrix], RegistrationTypeCodeSequence: [] }],
  })
  const registration: SyntheticDataset = {
    ...common(CLASSES.registration, uid(), 'REG', uid()),
    Laterality: '',
    ...contentParts,
    ...manufactured,
    ...described,
    ...otherStudies,
    FrameOfReferenceUID: names.frameOfReference,
    PositionReferenceIndicator: '',
    RegistrationSequence: [registered(names), ...(prior ? [registered(prior)] : [])],
    ReferencedSeriesSequence: [seriesItem],
  }

  const structures: SyntheticDataset = {
    ...common(CLASSES.structures, uid(), 'RTSTRUCT', uid()),
    ...manufactured,
    OperatorsName: 'Invented^Operator',
    FrameOfReferenceUID: names.frameOfReference,
    PositionReferenceIndicator: '',
    StructureSetLabel: 'SAMPLE',
    StructureSetDate: day,
    StructureSetTime: '101112',
    ReferencedFrameOfReferenceSequence: [
      {
        FrameOfReferenceUID: names.frameOfReference,
        RTReferencedStudySequence: [
          {
            ...reference(study, '1.2.840.10008.3.1.2.3.1'),
            RTReferencedSeriesSequence: [{ SeriesInstanceUID: series, ContourImageSequence: references }],
          },
        ],
      },
    ],
    StructureSetROISequence: [
      {
        ROINumber: '1',
        ReferencedFrameOfReferenceUID: names.frameOfReference,
        ROIName: 'Sample',
        ROIGenerationAlgorithm: 'MANUAL',
      },
    ],
    ROIContourSequence: [
      {
        ReferencedROINumber: '1',
        ContourSequence: references.map((source) => ({
          ContourImageSequence: [source],
          ContourGeometricType: 'POINT',
          NumberOfContourPoints: '1',
          ContourData: '0\\0\\0',
        })),
      },
    ],
    RTROIObservationsSequence: [
      { ObservationNumber: '1', ReferencedROINumber: '1', RTROIInterpretedType: '', ROIInterpreter: '' },
    ],
  }

  const written: SyntheticDataset = {
    ...common(CLASSES.report, report, 'SR', uid()),
    ...contentParts,
    ...manufactured,
    ReferencedPerformedProcedureStepSequence: [],
    CompletionFlag: 'COMPLETE',
    VerificationFlag: 'UNVERIFIED',
    PerformedProcedureCodeSequence: [],
    CurrentRequestedProcedureEvidenceSequence: [evidenceOf(names, references)],
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: [code('121181', 'DCM', 'DICOM Object Catalog')],
    ContinuityOfContent: 'SEPARATE',
    ContentSequence: references.map(content),
  }
  return { names, datasets: [...images, presentation, keyObjects, segmentation, registration, structures, written] }
}
