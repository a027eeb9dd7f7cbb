/** Returns what an index would list for the DICOM files in a folder, for tests that begin at a selection. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { sopClassKind } from '../../src-core/dicom/uids.ts'
import { number, text } from '../../src-core/dicom/values.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import type { SelectedInstance } from '../../src-main/ports/records.ts'

export function selectedInstances(folder: string): SelectedInstance[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted()
  return files.map((file) => selectedInstance(file))
}

export function selectedInstance(file: string): SelectedInstance {
  const { size, mtimeMs } = statSync(file)
  const { dataset, TransferSyntaxUID } = parseDicom(readFileSync(file), {
    stopAtPixelData: true,
    inflate: inflateBounded,
  })
  const valueOf = (keyword: keyof typeof TAG): string => text(dataset, TAG[keyword])
  const count = (keyword: keyof typeof TAG): number | null => number(dataset, TAG[keyword]) ?? null
  return {
    StudyInstanceUID: valueOf('StudyInstanceUID') as Uid,
    SeriesInstanceUID: valueOf('SeriesInstanceUID') as Uid,
    SOPInstanceUID: valueOf('SOPInstanceUID') as Uid,
    SOPClassUID: valueOf('SOPClassUID') as Uid,
    TransferSyntaxUID,
    path: file,
    size,
    mtimeMs,
    PatientName: valueOf('PatientName'),
    PatientID: valueOf('PatientID'),
    IssuerOfPatientID: valueOf('IssuerOfPatientID'),
    PatientBirthDate: valueOf('PatientBirthDate'),
    StudyDescription: valueOf('StudyDescription'),
    StudyDate: valueOf('StudyDate'),
    AccessionNumber: valueOf('AccessionNumber'),
    Modality: valueOf('Modality'),
    SeriesDescription: valueOf('SeriesDescription'),
    SeriesNumber: count('SeriesNumber'),
    InstanceNumber: count('InstanceNumber'),
    NumberOfFrames: count('NumberOfFrames') ?? 1,
    Rows: count('Rows') ?? 0,
    Columns: count('Columns') ?? 0,
    ImageType: valueOf('ImageType'),
    BurnedInAnnotation: valueOf('BurnedInAnnotation'),
    ConversionType: valueOf('ConversionType'),
    kind: sopClassKind(valueOf('SOPClassUID')),
  }
}
