/**
 * Chooses the directory record of an instance, and the attributes of the instance that the record repeats (PS3.3 F.4
 * and F.5).
 */
import { copiedBytes } from '../bytes.ts'
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG, vrOf, type Keyword } from '../dicom/dictionary.ts'
import { text } from '../dicom/values.ts'
import { copyElement, textElement, type WritableElement } from '../dicom/write.ts'
import { patientKey } from '../patient/patient-key.ts'
import { patientOfDataset } from '../patient/patient-of-dataset.ts'
import { sopClassKind } from '../dicom/uids.ts'

/** The defined terms of DirectoryRecordType for records below a series. */
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
/**
 * The record type by SOP class without its common root. An entry that ends with a dot applies to all classes that begin
 * with it.
 */
const RECORD_TYPES: readonly (readonly [string, InstanceRecordType])[] = [
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

/** The record type for a SOP class; PRIVATE for one that the standard does not know. */
export function recordType(SOPClassUID: string): InstanceRecordType {
  if (SOPClassUID.startsWith(STORAGE)) {
    const classSuffix = SOPClassUID.slice(STORAGE.length)
    const entry = RECORD_TYPES.find(([key]) => (key.endsWith('.') ? classSuffix.startsWith(key) : classSuffix === key))
    if (entry) return entry[1]
  }
  return sopClassKind(SOPClassUID) === 'image' ? 'IMAGE' : 'PRIVATE'
}

const PATIENT_KEYWORDS: readonly Keyword[] = ['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex']
const STUDY_KEYWORDS: readonly Keyword[] = [
  'StudyDate',
  'StudyTime',
  'StudyDescription',
  'StudyInstanceUID',
  'StudyID',
  'AccessionNumber',
]
const SERIES_KEYWORDS: readonly Keyword[] = [
  'Modality',
  'SeriesInstanceUID',
  'SeriesNumber',
  'SeriesDescription',
  'BodyPartExamined',
]
const CONTENT_KEYWORDS: readonly Keyword[] = ['ContentDate', 'ContentTime', 'InstanceNumber']
const LABELLED_KEYWORDS: readonly Keyword[] = [
  ...CONTENT_KEYWORDS,
  'ContentLabel',
  'ContentDescription',
  'ContentCreatorName',
]
const INSTANCE_KEYWORDS: Readonly<Record<InstanceRecordType, readonly Keyword[]>> = {
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
  WAVEFORM: CONTENT_KEYWORDS,
  'SR DOCUMENT': [...CONTENT_KEYWORDS, 'CompletionFlag', 'VerificationFlag', 'ConceptNameCodeSequence'],
  'KEY OBJECT DOC': [...CONTENT_KEYWORDS, 'ConceptNameCodeSequence'],
  SPECTROSCOPY: ['ImageType', ...CONTENT_KEYWORDS],
  'RAW DATA': CONTENT_KEYWORDS,
  REGISTRATION: LABELLED_KEYWORDS,
  FIDUCIAL: LABELLED_KEYWORDS,
  'ENCAP DOC': [...CONTENT_KEYWORDS, 'DocumentTitle', 'ConceptNameCodeSequence', 'MIMETypeOfEncapsulatedDocument'],
  'VALUE MAP': LABELLED_KEYWORDS,
  STEREOMETRIC: LABELLED_KEYWORDS,
  SURFACE: LABELLED_KEYWORDS,
  MEASUREMENT: CONTENT_KEYWORDS,
  TRACT: LABELLED_KEYWORDS,
  PRIVATE: [],
}
/**
 * Attributes that are repeated when present and left out when absent. All other attributes are written, if necessary
 * empty.
 */
const OPTIONAL_KEYWORDS: ReadonlySet<Keyword> = new Set([
  'PatientBirthDate',
  'PatientSex',
  'SeriesDescription',
  'BodyPartExamined',
  'ImageType',
  'ReferencedSeriesSequence',
])

/**
 * The values that the directory needs from one instance. They are copies, so that the instance's bytes can be released.
 */
export interface DirectoryKeys {
  /** The keys that distinguish patients, studies and series. */
  readonly patientKey: string
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  readonly type: InstanceRecordType
  readonly patient: readonly WritableElement[]
  readonly study: readonly WritableElement[]
  readonly series: readonly WritableElement[]
  readonly instance: readonly WritableElement[]
}

/** The element with a copy of its value instead of a view of the file. */
export function detached(element: WritableElement): WritableElement {
  return {
    ...element,
    value:
      element.value instanceof Uint8Array
        ? copiedBytes(element.value)
        : element.value.map((item) => item.map(detached)),
  }
}

function copiedElements(dataset: DicomDataset, keywords: readonly Keyword[]): WritableElement[] {
  const elements: WritableElement[] = []
  // Text is repeated byte for byte, so the character set is repeated too.
  const characterSet = dataset.elements.get(TAG.SpecificCharacterSet)
  if (characterSet) elements.push(detached(copyElement(dataset, characterSet)))
  for (const keyword of keywords) {
    const element = dataset.elements.get(TAG[keyword])
    if (element) elements.push(detached(copyElement(dataset, element)))
    else if (!OPTIONAL_KEYWORDS.has(keyword))
      elements.push(
        keyword.endsWith('Sequence')
          ? { tag: TAG[keyword], vr: 'SQ', value: [] }
          : textElement(TAG[keyword], vrOf(TAG[keyword]), ''),
      )
  }
  return elements
}

/**
 * The values of an instance for its directory records.
 * @param dataset the header of the instance; pixel data is not needed
 */
export function directoryKeys(dataset: DicomDataset, SOPClassUID: string): DirectoryKeys {
  const type = recordType(SOPClassUID)
  return {
    patientKey: patientKey(patientOfDataset(dataset)),
    StudyInstanceUID: text(dataset, TAG.StudyInstanceUID),
    SeriesInstanceUID: text(dataset, TAG.SeriesInstanceUID),
    type,
    patient: copiedElements(dataset, PATIENT_KEYWORDS),
    study: copiedElements(dataset, STUDY_KEYWORDS),
    series: copiedElements(dataset, SERIES_KEYWORDS),
    instance: copiedElements(dataset, INSTANCE_KEYWORDS[type]),
  }
}
