/** Which directory record an instance gets, and which of its attributes the record repeats (PS3.3 F.4 and F.5). */
import { copiedBytes } from '../bytes.ts'
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG, vrOf, type Keyword } from '../dicom/dictionary.ts'
import { text } from '../dicom/values.ts'
import { copyElement, textElement, type WritableElement } from '../dicom/write.ts'
import { patientKey } from '../patient/patient-key.ts'
import { patientOfDataset } from '../patient/patient-of-dataset.ts'
import { sopClassKind } from '../dicom/uids.ts'

/** The defined terms of DirectoryRecordType that stand below a series. */
export type InstanceRecordType =
  | 'IMAGE'
  | 'RT DOSE'
  | 'RT STRUCTURE SET'
  | 'RT PLAN'
  | 'RT TREAT RECORD'
  | 'PRESENTATION'
  | 'WAVEFORM'
  | 'SR DOCUMENT'
  | 'KEY OBJECT DOC'
  | 'SPECTROSCOPY'
  | 'RAW DATA'
  | 'REGISTRATION'
  | 'FIDUCIAL'
  | 'ENCAP DOC'
  | 'VALUE MAP'
  | 'STEREOMETRIC'
  | 'SURFACE'
  | 'MEASUREMENT'
  | 'TRACT'
  | 'PRIVATE'

const STORAGE = '1.2.840.10008.5.1.4.1.1.'
/** By the SOP class without its common root; an entry that ends with a dot stands for all that begin with it. */
const TYPES: readonly (readonly [string, InstanceRecordType])[] = [
  ['88.59', 'KEY OBJECT DOC'],
  ['88.', 'SR DOCUMENT'],
  ['104.', 'ENCAP DOC'],
  ['11.', 'PRESENTATION'],
  ['9.', 'WAVEFORM'],
  ['481.2', 'RT DOSE'],
  ['481.3', 'RT STRUCTURE SET'],
  ['481.5', 'RT PLAN'],
  ['481.8', 'RT PLAN'],
  ['481.4', 'RT TREAT RECORD'],
  ['481.6', 'RT TREAT RECORD'],
  ['481.7', 'RT TREAT RECORD'],
  ['481.9', 'RT TREAT RECORD'],
  ['4.2', 'SPECTROSCOPY'],
  ['66', 'RAW DATA'],
  ['66.1', 'REGISTRATION'],
  ['66.3', 'REGISTRATION'],
  ['66.2', 'FIDUCIAL'],
  ['66.5', 'SURFACE'],
  ['66.6', 'TRACT'],
  ['67', 'VALUE MAP'],
  ['77.1.5.3', 'STEREOMETRIC'],
  ['78.', 'MEASUREMENT'],
]

/** The record for a SOP class; PRIVATE for one that the standard does not know. */
export function recordType(SOPClassUID: string): InstanceRecordType {
  if (SOPClassUID.startsWith(STORAGE)) {
    const rest = SOPClassUID.slice(STORAGE.length)
    const entry = TYPES.find(([key]) => (key.endsWith('.') ? rest.startsWith(key) : rest === key))
    if (entry) return entry[1]
  }
  return sopClassKind(SOPClassUID) === 'image' ? 'IMAGE' : 'PRIVATE'
}

const PATIENT: readonly Keyword[] = ['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex']
const STUDY: readonly Keyword[] = [
  'StudyDate',
  'StudyTime',
  'StudyDescription',
  'StudyInstanceUID',
  'StudyID',
  'AccessionNumber',
]
const SERIES: readonly Keyword[] = [
  'Modality',
  'SeriesInstanceUID',
  'SeriesNumber',
  'SeriesDescription',
  'BodyPartExamined',
]
const CONTENT: readonly Keyword[] = ['ContentDate', 'ContentTime', 'InstanceNumber']
const LABELLED: readonly Keyword[] = [...CONTENT, 'ContentLabel', 'ContentDescription', 'ContentCreatorName']
const INSTANCE: Readonly<Record<InstanceRecordType, readonly Keyword[]>> = {
  IMAGE: ['InstanceNumber', 'ImageType'],
  'RT DOSE': ['InstanceNumber', 'DoseSummationType'],
  'RT STRUCTURE SET': ['InstanceNumber', 'StructureSetLabel', 'StructureSetDate', 'StructureSetTime'],
  'RT PLAN': ['InstanceNumber', 'RTPlanLabel', 'RTPlanDate', 'RTPlanTime'],
  'RT TREAT RECORD': ['InstanceNumber', 'TreatmentDate', 'TreatmentTime'],
  PRESENTATION: [
    'InstanceNumber',
    'PresentationCreationDate',
    'PresentationCreationTime',
    'ContentLabel',
    'ContentDescription',
    'ContentCreatorName',
    'ReferencedSeriesSequence',
  ],
  WAVEFORM: CONTENT,
  'SR DOCUMENT': [...CONTENT, 'CompletionFlag', 'VerificationFlag', 'ConceptNameCodeSequence'],
  'KEY OBJECT DOC': [...CONTENT, 'ConceptNameCodeSequence'],
  SPECTROSCOPY: ['ImageType', ...CONTENT],
  'RAW DATA': CONTENT,
  REGISTRATION: LABELLED,
  FIDUCIAL: LABELLED,
  'ENCAP DOC': [...CONTENT, 'DocumentTitle', 'ConceptNameCodeSequence', 'MIMETypeOfEncapsulatedDocument'],
  'VALUE MAP': LABELLED,
  STEREOMETRIC: LABELLED,
  SURFACE: LABELLED,
  MEASUREMENT: CONTENT,
  TRACT: LABELLED,
  PRIVATE: [],
}
/** Repeated when present, left out when not; everything else is at least there, empty. */
const OPTIONAL: ReadonlySet<Keyword> = new Set([
  'PatientBirthDate',
  'PatientSex',
  'SeriesDescription',
  'BodyPartExamined',
  'ImageType',
  'ReferencedSeriesSequence',
])

/** What the directory needs of one instance: copies, so that the instance's bytes can be let go. */
export interface DirectoryKeys {
  /** What tells patients, studies and series apart. */
  readonly patientKey: string
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  readonly type: InstanceRecordType
  readonly patient: readonly WritableElement[]
  readonly study: readonly WritableElement[]
  readonly series: readonly WritableElement[]
  readonly instance: readonly WritableElement[]
}

/** An element with a value of its own instead of a view of the file. */
export function detached(element: WritableElement): WritableElement {
  return {
    ...element,
    value:
      element.value instanceof Uint8Array
        ? copiedBytes(element.value)
        : element.value.map((item) => item.map(detached)),
  }
}

function picked(dataset: DicomDataset, keywords: readonly Keyword[]): WritableElement[] {
  const elements: WritableElement[] = []
  // Text is repeated byte for byte, so its character set goes with it.
  const characterSet = dataset.elements.get(TAG.SpecificCharacterSet)
  if (characterSet) elements.push(detached(copyElement(dataset, characterSet)))
  for (const keyword of keywords) {
    const element = dataset.elements.get(TAG[keyword])
    if (element) elements.push(detached(copyElement(dataset, element)))
    else if (!OPTIONAL.has(keyword))
      elements.push(
        keyword.endsWith('Sequence')
          ? { tag: TAG[keyword], vr: 'SQ', value: [] }
          : textElement(TAG[keyword], vrOf(TAG[keyword]), ''),
      )
  }
  return elements
}

/** @param dataset an instance's header, pixel data not needed */
export function directoryKeys(dataset: DicomDataset, SOPClassUID: string): DirectoryKeys {
  const type = recordType(SOPClassUID)
  return {
    patientKey: patientKey(patientOfDataset(dataset)),
    StudyInstanceUID: text(dataset, TAG.StudyInstanceUID),
    SeriesInstanceUID: text(dataset, TAG.SeriesInstanceUID),
    type,
    patient: picked(dataset, PATIENT),
    study: picked(dataset, STUDY),
    series: picked(dataset, SERIES),
    instance: picked(dataset, INSTANCE[type]),
  }
}
