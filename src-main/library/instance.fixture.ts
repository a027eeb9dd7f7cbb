/** Small instances for tests of the library: invented patients, two by two pixels. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  textElement,
  writeDataset,
} from '../../src-core/dicom/write.ts'

const CT = '1.2.840.10008.5.1.4.1.1.2'

export interface Invented {
  readonly study?: string
  readonly series?: string
  readonly instance?: string
  readonly name?: string
  readonly id?: string
  readonly birth?: string
  readonly issuer?: string
  readonly description?: string
  readonly accession?: string
  readonly date?: string
  readonly modality?: string
  readonly number?: number
  /** 8-bit samples of two rows. */
  readonly pixels?: Uint8Array
}

/** The bytes of a Part 10 file. */
export function instanceBytes(of: Invented = {}): Uint8Array {
  const pixels = of.pixels ?? Uint8Array.of(1, 2, 3, 4)
  const SOPInstanceUID = of.instance ?? `2.25.${of.number ?? 1}`
  const head = filePreambleAndMeta({
    MediaStorageSOPClassUID: CT,
    MediaStorageSOPInstanceUID: SOPInstanceUID,
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
  })
  const dataset = writeDataset([
    textElement(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 192'),
    textElement(TAG.ImageType, 'CS', ['ORIGINAL', 'PRIMARY']),
    textElement(TAG.SOPClassUID, 'UI', CT),
    textElement(TAG.SOPInstanceUID, 'UI', SOPInstanceUID),
    textElement(TAG.StudyDate, 'DA', of.date ?? '20260401'),
    textElement(TAG.AccessionNumber, 'SH', of.accession ?? 'ACC-77'),
    textElement(TAG.Modality, 'CS', of.modality ?? 'CT'),
    textElement(TAG.StudyDescription, 'LO', of.description ?? 'CT Thorax'),
    textElement(TAG.PatientName, 'PN', of.name ?? 'Erfunden^Änne'),
    textElement(TAG.PatientID, 'LO', of.id ?? 'GAP-0001'),
    ...(of.issuer === undefined ? [] : [textElement(TAG.IssuerOfPatientID, 'LO', of.issuer)]),
    textElement(TAG.PatientBirthDate, 'DA', of.birth ?? '19600312'),
    textElement(TAG.PatientSex, 'CS', 'F'),
    textElement(TAG.StudyInstanceUID, 'UI', of.study ?? '2.25.100'),
    textElement(TAG.SeriesInstanceUID, 'UI', of.series ?? '2.25.200'),
    textElement(TAG.SeriesNumber, 'IS', '3'),
    textElement(TAG.InstanceNumber, 'IS', String(of.number ?? 1)),
    numberElement(TAG.SamplesPerPixel, 'US', [1]),
    textElement(TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
    numberElement(TAG.Rows, 'US', [2]),
    numberElement(TAG.Columns, 'US', [pixels.length / 2]),
    numberElement(TAG.BitsAllocated, 'US', [8]),
    textElement(TAG.BurnedInAnnotation, 'CS', 'NO'),
    bytesElement(TAG.PixelData, 'OB', pixels),
  ])
  return Buffer.concat([head, dataset])
}

/** Writes one instance below a folder and creates its directories. */
export function writeInstance(folder: string, name: string, of: Invented = {}): void {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, instanceBytes(of))
}
