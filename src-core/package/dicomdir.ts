/**
 * Writes the DICOMDIR of a package: records of patients, studies, series and instances that refer to each other by byte
 * offset (PS3.3 Annex F, PS3.10 section 8).
 */
import type { Tag } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { EXPLICIT_LITTLE } from '../dicom/transfer-syntax.ts'
import { MEDIA_DIRECTORY } from '../dicom/uids.ts'
import {
  datasetLength,
  filePreambleAndMeta,
  numberElement,
  sequenceElement,
  textElement,
  writeDataset,
  type WritableElement,
} from '../dicom/write.ts'
import { OutpostError } from '../contract/errors.ts'
import type { DirectoryKeys } from './directory-records.ts'

export interface DirectoryFile {
  /**
   * The path in the ZIP, with forward slashes: at most 8 names, each of 1 to 8 characters of A-Z, 0-9 and _ (PS3.10
   * 8.2).
   */
  readonly path: string
  readonly SOPClassUID: string
  readonly SOPInstanceUID: string
  readonly TransferSyntaxUID: string
  readonly keys: DirectoryKeys
}

interface RecordNode {
  readonly type: string
  readonly elements: readonly WritableElement[]
  readonly children: RecordNode[]
  /** The child records of patients, studies and series by their keys. */
  readonly byKey: Map<string, RecordNode>
}

/**
 * Attributes of Type 1 in their record, which must not be empty (PS3.3 F.5). For a file without a value the number of
 * the record is written.
 */
const NUMBERED: ReadonlySet<Tag> = new Set<Tag>([TAG.InstanceNumber, TAG.SeriesNumber, TAG.StudyID, TAG.PatientID])
const IN_USE = 0xffff
/** The size of an item's tag and length, and of the header of a sequence in explicit VR, in bytes. */
const ITEM_HEADER = 8
const SEQUENCE_HEADER = 12

function newNode(type: string, elements: readonly WritableElement[]): RecordNode {
  return { type, elements, children: [], byKey: new Map() }
}

/** The child record for a key. It is made at the first call for the key. */
function childRecord(parent: RecordNode, key: string, type: string, elements: readonly WritableElement[]): RecordNode {
  const existing = parent.byKey.get(key)
  if (existing) return existing
  const created = newNode(type, withNumber(elements, parent.children.length + 1))
  parent.children.push(created)
  parent.byKey.set(key, created)
  return created
}

function withNumber(elements: readonly WritableElement[], placeRecords: number): WritableElement[] {
  return elements.map((element) =>
    NUMBERED.has(element.tag) && element.value.length === 0
      ? textElement(element.tag, element.vr, String(placeRecords))
      : element,
  )
}

/**
 * The value of ReferencedFileID for a path.
 * @error bad-request for a path that a DICOMDIR cannot name
 */
function fileId(path: string): string[] {
  const names = path.split('/')
  if (names.length > 8 || names.some((name) => !/^[A-Z0-9_]{1,8}$/.test(name)))
    throw new OutpostError('bad-request', { field: 'path' })
  return names
}

function recordElements(record: RecordNode, next: number, lower: number): WritableElement[] {
  return [
    numberElement(TAG.OffsetOfTheNextDirectoryRecord, 'UL', [next]),
    numberElement(TAG.RecordInUseFlag, 'US', [IN_USE]),
    numberElement(TAG.OffsetOfReferencedLowerLevelDirectoryEntity, 'UL', [lower]),
    textElement(TAG.DirectoryRecordType, 'CS', record.type),
    ...record.elements,
  ]
}

/**
 * The DICOMDIR as a Part 10 file.
 * @param SOPInstanceUID the UID of the directory itself
 * @error bad-request for a path that a DICOMDIR cannot name
 */
export function writeDicomdir(
  files: readonly DirectoryFile[],
  { SOPInstanceUID, FileSetID }: { SOPInstanceUID: string; FileSetID: string },
): Uint8Array<ArrayBuffer> {
  const root = newNode('', [])
  for (const file of files) {
    const { keys } = file
    const patient = childRecord(root, keys.patientKey, 'PATIENT', keys.patient)
    const study = childRecord(patient, keys.StudyInstanceUID, 'STUDY', keys.study)
    const series = childRecord(study, keys.SeriesInstanceUID, 'SERIES', keys.series)
    series.children.push(
      newNode(keys.type, [
        textElement(TAG.ReferencedFileID, 'CS', fileId(file.path)),
        textElement(TAG.ReferencedSOPClassUIDInFile, 'UI', file.SOPClassUID),
        textElement(TAG.ReferencedSOPInstanceUIDInFile, 'UI', file.SOPInstanceUID),
        textElement(TAG.ReferencedTransferSyntaxUIDInFile, 'UI', file.TransferSyntaxUID),
        ...(keys.type === 'PRIVATE' ? [textElement(TAG.PrivateRecordUID, 'UI', file.SOPClassUID)] : []),
        ...withNumber(keys.instance, series.children.length + 1),
      ]),
    )
  }

  const meta = filePreambleAndMeta({
    MediaStorageSOPClassUID: MEDIA_DIRECTORY,
    MediaStorageSOPInstanceUID: SOPInstanceUID,
    TransferSyntaxUID: EXPLICIT_LITTLE,
  })
  const head = (first: number, last: number): WritableElement[] => [
    textElement(TAG.FileSetID, 'CS', FileSetID),
    numberElement(TAG.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, 'UL', [first]),
    numberElement(TAG.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, 'UL', [last]),
    numberElement(TAG.FileSetConsistencyFlag, 'US', [0]),
  ]

  // The length of a record does not depend on its offsets, so a first pass finds the position of each record.
  const offsets = new Map<RecordNode, number>()
  let position = meta.length + datasetLength(head(0, 0)) + SEQUENCE_HEADER
  const placeRecords = (records: readonly RecordNode[]): void => {
    for (const record of records) {
      offsets.set(record, position)
      position += ITEM_HEADER + datasetLength(recordElements(record, 0, 0))
      placeRecords(record.children)
    }
  }
  placeRecords(root.children)

  const offset = (record: RecordNode | undefined): number => (record && offsets.get(record)) || 0
  const items: WritableElement[][] = []
  const collect = (records: readonly RecordNode[]): void => {
    records.forEach((record, index) => {
      items.push(recordElements(record, offset(records[index + 1]), offset(record.children[0])))
      collect(record.children)
    })
  }
  collect(root.children)

  const dataset = writeDataset([
    ...head(offset(root.children[0]), offset(root.children.at(-1))),
    sequenceElement(TAG.DirectoryRecordSequence, items),
  ])
  const bytes = new Uint8Array(meta.length + dataset.length)
  bytes.set(meta)
  bytes.set(dataset, meta.length)
  return bytes
}
