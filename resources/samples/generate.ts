// oxlint-disable-next-line typescript/triple-slash-reference -- a program that imports this file needs these types
/// <reference path="./dcmjs.d.ts" />
/**
 * The sample studies: six people who do not exist, made anew on each machine from code alone. The same call always
 * writes the same bytes.
 * Between them: a CT volume, an MR, a hand radiograph, an ultrasound cine with a burned-in name, a radiograph with its
 * report, a name in three scripts.
 */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import dcmjs from 'dcmjs'
import sharp from 'sharp'
import { burnIn } from './lettering.ts'
import { chestRadiograph, ctSlice, handRadiograph, mrSlice, ultrasoundFrame } from './phantoms.ts'
import { reportPdf } from './report-pdf.ts'

const EXPLICIT = '1.2.840.10008.1.2.1'
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50'

type Attributes = Record<string, unknown>

/** A UID that is always the same for the same words (PS3.5 B.2: 2.25 and a 128-bit number). */
function uid(...words: (string | number)[]): string {
  return `2.25.${BigInt(`0x${createHash('sha256').update(words.join('|')).digest('hex').slice(0, 31)}`)}`
}

interface Patient {
  name: string
  id: string
  birthDate: string
  sex: string
}
interface Study {
  patient: Patient
  key: string
  date: string
  time: string
  description: string
  accession: string
  modality: string
}

const institution = 'Sample Hospital (demonstration)'

function common(
  study: Study,
  series: { key: string; number: number; description: string; modality?: string },
  instance: number,
  SOPClassUID: string,
): Attributes {
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    SOPClassUID,
    SOPInstanceUID: uid('instance', study.key, series.key, instance),
    StudyDate: study.date,
    SeriesDate: study.date,
    ContentDate: study.date,
    AcquisitionDate: study.date,
    StudyTime: study.time,
    SeriesTime: study.time,
    ContentTime: study.time,
    AcquisitionTime: study.time,
    AccessionNumber: study.accession,
    Modality: series.modality ?? study.modality,
    Manufacturer: 'Outpost sample generator',
    InstitutionName: institution,
    ReferringPhysicianName: 'Sample^Referrer^^Dr',
    StationName: 'SAMPLE',
    StudyDescription: study.description,
    SeriesDescription: series.description,
    ManufacturerModelName: 'Phantom',
    PatientName: study.patient.name,
    PatientID: study.patient.id,
    IssuerOfPatientID: 'SAMPLE',
    PatientBirthDate: study.patient.birthDate,
    PatientSex: study.patient.sex,
    StudyInstanceUID: uid('study', study.key),
    SeriesInstanceUID: uid('series', study.key, series.key),
    StudyID: '1',
    SeriesNumber: series.number,
    InstanceNumber: instance,
  }
}

function monochrome(
  rows: number,
  columns: number,
  bits: number,
  photometric: 'MONOCHROME1' | 'MONOCHROME2',
  center: number,
  width: number,
): Attributes {
  return {
    SamplesPerPixel: 1,
    PhotometricInterpretation: photometric,
    Rows: rows,
    Columns: columns,
    BitsAllocated: 16,
    BitsStored: bits,
    HighBit: bits - 1,
    PixelRepresentation: 0,
    WindowCenter: center,
    WindowWidth: width,
  }
}

const bytesOf = (samples: Uint16Array) =>
  samples.buffer.slice(samples.byteOffset, samples.byteOffset + samples.byteLength) as ArrayBuffer

/** Part 10 bytes of one instance; pixels as one native value or as one JPEG stream a frame. */
function part10(attributes: Attributes, TransferSyntaxUID = EXPLICIT): Uint8Array {
  const { DicomDict, DicomMetaDictionary } = dcmjs.data
  const meta = DicomMetaDictionary.denaturalizeDataset({
    FileMetaInformationVersion: new Uint8Array([0, 1]).buffer,
    MediaStorageSOPClassUID: attributes.SOPClassUID,
    MediaStorageSOPInstanceUID: attributes.SOPInstanceUID,
    TransferSyntaxUID,
    ImplementationClassUID: uid('implementation', 'samples'),
    ImplementationVersionName: 'OUTPOST_SAMPLES',
  })
  const dict = new DicomDict(meta)
  dict.dict = DicomMetaDictionary.denaturalizeDataset({
    ...attributes,
    _vrMap: { PixelData: TransferSyntaxUID === EXPLICIT && attributes.BitsAllocated === 16 ? 'OW' : 'OB' },
  })
  return new Uint8Array(dict.write({ fragmentMultiframe: false }))
}

const patients = {
  carla: { name: 'SAMPLE^Carla', id: 'SAMPLE-001', birthDate: '19710314', sex: 'F' },
  max: { name: 'SAMPLE^Max', id: 'SAMPLE-002', birthDate: '19880702', sex: 'M' },
  hanna: { name: 'SAMPLE^Hanna', id: 'SAMPLE-003', birthDate: '20120419', sex: 'F' },
  ursula: { name: 'SAMPLE^Ursula', id: 'SAMPLE-004', birthDate: '19590123', sex: 'F' },
  rené: { name: 'SAMPLE^René', id: 'SAMPLE-005', birthDate: '19450930', sex: 'M' },
  // 見本 and みほん mean "sample": an invented person, named in three scripts
  mihon: { name: 'MIHON^Tarou=見本^太郎=みほん^たろう', id: 'SAMPLE-006', birthDate: '19660505', sex: 'M' },
} satisfies Record<string, Patient>

interface Sample {
  path: string
  make: () => Promise<Uint8Array> | Uint8Array
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const fileName = (number: number) => `IM${String(number).padStart(4, '0')}.dcm`

/** 80 slices of 512×512, 4 mm apart; the nodule of the right lung is in slice 40. */
function ct(): Sample[] {
  const study: Study = {
    patient: patients.carla,
    key: 'ct',
    date: '20261118',
    time: '091500',
    description: 'CT Chest/Abdomen',
    accession: 'SAMPLE-A1',
    modality: 'CT',
  }
  const series = { key: 'axial', number: 2, description: 'Axial 4 mm' }
  return numbered(80).map((number) => ({
    path: join('CARLA-CT', fileName(number)),
    make: () => {
      const z = 216 - number * 4
      return part10({
        ...common(study, series, number, '1.2.840.10008.5.1.4.1.1.2'),
        ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
        BodyPartExamined: 'CHEST',
        SliceThickness: 4,
        AcquisitionNumber: 1,
        PositionReferenceIndicator: '',
        KVP: 120,
        PatientPosition: 'HFS',
        FrameOfReferenceUID: uid('frame of reference', study.key),
        ImagePositionPatient: [-199.609375, -199.609375, z],
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
        SliceLocation: z,
        PixelSpacing: [0.78125, 0.78125],
        ...monochrome(512, 512, 12, 'MONOCHROME2', 40, 400),
        WindowCenter: [40, -600],
        WindowWidth: [400, 1500],
        RescaleIntercept: -1024,
        RescaleSlope: 1,
        RescaleType: 'HU',
        PixelData: [bytesOf(ctSlice(512, z, number))],
      })
    },
  }))
}

function mr(): Sample[] {
  const study: Study = {
    patient: patients.max,
    key: 'mr',
    date: '20261117',
    time: '140200',
    description: 'MR Brain',
    accession: 'SAMPLE-A2',
    modality: 'MR',
  }
  const series = { key: 't1', number: 3, description: 'T1 axial' }
  return numbered(26).map((number) => ({
    path: join('MAX-MR', fileName(number)),
    make: () => {
      const z = -68 + number * 5
      return part10({
        ...common(study, series, number, '1.2.840.10008.5.1.4.1.1.4'),
        ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'ND'],
        BodyPartExamined: 'BRAIN',
        SliceThickness: 5,
        MagneticFieldStrength: 1.5,
        PatientPosition: 'HFS',
        ScanningSequence: 'SE',
        SequenceVariant: 'NONE',
        ScanOptions: '',
        MRAcquisitionType: '2D',
        RepetitionTime: 500,
        EchoTime: 12,
        EchoTrainLength: 1,
        PositionReferenceIndicator: '',
        FrameOfReferenceUID: uid('frame of reference', study.key),
        ImagePositionPatient: [-114.55, -114.55, z],
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
        SliceLocation: z,
        PixelSpacing: [0.8984375, 0.8984375],
        ...monochrome(256, 256, 12, 'MONOCHROME2', 400, 900),
        PixelData: [bytesOf(mrSlice(256, z, number))],
      })
    },
  }))
}

function hand(): Sample[] {
  const study: Study = {
    patient: patients.hanna,
    key: 'hand',
    date: '20261119',
    time: '163000',
    description: 'XR Hand left',
    accession: 'SAMPLE-A3',
    modality: 'DX',
  }
  return [
    {
      path: join('HANNA-DX', fileName(1)),
      make: () =>
        part10({
          ...common(study, { key: 'pa', number: 1, description: 'Hand PA' }, 1, '1.2.840.10008.5.1.4.1.1.1.1'),
          ImageType: ['ORIGINAL', 'PRIMARY'],
          BodyPartExamined: 'HAND',
          ImageLaterality: 'L',
          DetectorType: '',
          PositionerType: '',
          AcquisitionContextSequence: [],
          PatientOrientation: ['R', 'F'],
          AnatomicRegionSequence: [{ CodeValue: '85562004', CodingSchemeDesignator: 'SCT', CodeMeaning: 'Hand' }],
          RescaleIntercept: 0,
          RescaleSlope: 1,
          RescaleType: 'US',
          LossyImageCompression: '00',
          ViewPosition: 'PA',
          PresentationIntentType: 'FOR PRESENTATION',
          PixelIntensityRelationship: 'LOG',
          PixelIntensityRelationshipSign: -1,
          ImagerPixelSpacing: [0.15, 0.15],
          PixelSpacing: [0.15, 0.15],
          ...monochrome(1536, 1152, 12, 'MONOCHROME2', 1400, 2800),
          PresentationLUTShape: 'IDENTITY',
          BurnedInAnnotation: 'NO',
          PixelData: [bytesOf(handRadiograph(1152, 1536))],
        }),
    },
  ]
}

/** A cine of 24 frames, JPEG baseline, with the name burned in above the image region that (0018,6011) describes. */
function ultrasound(): Sample[] {
  const study: Study = {
    patient: patients.ursula,
    key: 'us',
    date: '20261120',
    time: '083000',
    description: 'US Heart',
    accession: 'SAMPLE-A4',
    modality: 'US',
  }
  return [
    {
      path: join('URSULA-US', fileName(1)),
      make: async () => {
        const frames: ArrayBuffer[] = []
        for (let frame = 0; frame < 24; frame++) {
          const pixels = ultrasoundFrame(640, 480, frame / 24)
          burnIn(pixels, 640, 'SAMPLE, URSULA  SAMPLE-004  23/01/1959', 12, 10, 2)
          burnIn(pixels, 640, 'SAMPLE HOSPITAL  20/11/2026', 12, 458, 1)
          const jpeg = await sharp(pixels, { raw: { width: 640, height: 480, channels: 3 } })
            .jpeg({ quality: 88, chromaSubsampling: '4:2:0', progressive: false })
            .toBuffer()
          // a fragment has an even length (PS3.5 A.4)
          frames.push(
            new Uint8Array(jpeg.length % 2 ? Buffer.concat([jpeg, Buffer.alloc(1)]) : jpeg).slice()
              .buffer as ArrayBuffer,
          )
        }
        return part10(
          {
            ...common(
              study,
              { key: 'cine', number: 1, description: 'Four chambers' },
              1,
              '1.2.840.10008.5.1.4.1.1.3.1',
            ),
            ImageType: ['ORIGINAL', 'PRIMARY', 'CARDIAC'],
            BurnedInAnnotation: 'YES',
            PatientOrientation: '',
            AnatomicRegionSequence: [{ CodeValue: '80891009', CodingSchemeDesignator: 'SCT', CodeMeaning: 'Heart' }],
            FrameTime: 41.7,
            FrameIncrementPointer: 0x00181063,
            CineRate: 24,
            NumberOfFrames: 24,
            HeartRate: 60,
            SequenceOfUltrasoundRegions: [
              {
                RegionSpatialFormat: 1,
                RegionDataType: 1,
                RegionFlags: 0,
                RegionLocationMinX0: 0,
                RegionLocationMinY0: 36,
                RegionLocationMaxX1: 639,
                RegionLocationMaxY1: 447,
                PhysicalUnitsXDirection: 3,
                PhysicalUnitsYDirection: 3,
                PhysicalDeltaX: 0.03,
                PhysicalDeltaY: 0.03,
              },
            ],
            SamplesPerPixel: 3,
            PhotometricInterpretation: 'YBR_FULL_422',
            PlanarConfiguration: 0,
            Rows: 480,
            Columns: 640,
            BitsAllocated: 8,
            BitsStored: 8,
            HighBit: 7,
            PixelRepresentation: 0,
            LossyImageCompression: '01',
            LossyImageCompressionRatio: 12,
            LossyImageCompressionMethod: 'ISO_10918_1',
            PixelData: frames,
          },
          JPEG_BASELINE,
        )
      },
    },
  ]
}

function chestWithReport(): Sample[] {
  const study: Study = {
    patient: patients.rené,
    key: 'chest',
    date: '20261116',
    time: '112000',
    description: 'XR Chest PA',
    accession: 'SAMPLE-A5',
    modality: 'CR',
  }
  return [
    {
      path: join('RENE-CR', fileName(1)),
      make: () =>
        part10({
          ...common(study, { key: 'pa', number: 1, description: 'Chest PA' }, 1, '1.2.840.10008.5.1.4.1.1.1'),
          ImageType: ['ORIGINAL', 'PRIMARY'],
          BodyPartExamined: 'CHEST',
          ViewPosition: 'PA',
          PatientOrientation: ['L', 'F'],
          PixelSpacing: [0.3, 0.3],
          ImagerPixelSpacing: [0.3, 0.3],
          ...monochrome(1180, 1180, 12, 'MONOCHROME1', 2200, 3200),
          PixelData: [bytesOf(chestRadiograph(1180, 1180))],
        }),
    },
    {
      path: join('RENE-CR', 'REPORT.dcm'),
      make: () => {
        const pdf = reportPdf([
          'Sample Hospital (demonstration)',
          'Radiology report',
          '',
          'Patient: SAMPLE, Rene   ID: SAMPLE-005',
          'Exam: XR Chest PA, 16 Nov 2026',
          '',
          'No consolidation, no effusion. Heart of normal size.',
          'Conclusion: normal chest radiograph.',
          '',
          'Invented for demonstration. Not a real report.',
        ])
        return part10({
          ...common(
            study,
            { key: 'report', number: 9, description: 'Report', modality: 'DOC' },
            1,
            '1.2.840.10008.5.1.4.1.1.104.1',
          ),
          ConversionType: 'WSD',
          BurnedInAnnotation: 'YES',
          DocumentTitle: 'Radiology report',
          AcquisitionDateTime: '',
          ConceptNameCodeSequence: [],
          MIMETypeOfEncapsulatedDocument: 'application/pdf',
          EncapsulatedDocument: [pdf],
        })
      },
    },
  ]
}

function knee(): Sample[] {
  const study: Study = {
    patient: patients.mihon,
    key: 'knee',
    date: '20261115',
    time: '100500',
    description: 'MR Head',
    accession: 'SAMPLE-A6',
    modality: 'MR',
  }
  const series = { key: 'survey', number: 1, description: 'Survey' }
  return numbered(5).map((number) => ({
    path: join('MIHON-MR', fileName(number)),
    make: () => {
      const z = -60 + number * 20
      return part10({
        ...common(study, series, number, '1.2.840.10008.5.1.4.1.1.4'),
        ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'ND'],
        BodyPartExamined: 'HEAD',
        SliceThickness: 8,
        PatientPosition: 'HFS',
        ScanningSequence: 'GR',
        SequenceVariant: 'NONE',
        ScanOptions: '',
        MRAcquisitionType: '2D',
        RepetitionTime: 500,
        EchoTime: 12,
        EchoTrainLength: 1,
        PositionReferenceIndicator: '',
        FrameOfReferenceUID: uid('frame of reference', study.key),
        ImagePositionPatient: [-114.1, -114.1, z],
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
        PixelSpacing: [1.796875, 1.796875],
        ...monochrome(128, 128, 12, 'MONOCHROME2', 400, 900),
        PixelData: [bytesOf(mrSlice(128, z, number))],
      })
    },
  }))
}

/**
 * Writes the sample studies into folder, one file after the other, giving way to other work between them. Files that
 * are there already are written over with the same bytes.
 * @returns how many files there are
 */
export async function generateSamples(
  folder: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<number> {
  const samples = [...hand(), ...ultrasound(), ...mr(), ...chestWithReport(), ...knee(), ...ct()]
  for (const [index, sample] of samples.entries()) {
    const path = join(folder, sample.path)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, await sample.make())
    onProgress(index + 1, samples.length)
  }
  return samples.length
}
