import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import { number, sequence, text } from '../dicom/values.ts'
import { filePreambleAndMeta, textElement, writeDataset, bytesElement } from '../dicom/write.ts'
import { writeDicomdir, type DirectoryFile } from './dicomdir.ts'
import { directoryKeys, recordType } from './directory-records.ts'

const CT = '1.2.840.10008.5.1.4.1.1.2'

function file(
  path: string,
  patient: string,
  study: string,
  series: string,
  instance: string,
  more: ReturnType<typeof textElement>[] = [],
  SOPClassUID = CT,
): DirectoryFile {
  const meta = filePreambleAndMeta({
    MediaStorageSOPClassUID: SOPClassUID,
    MediaStorageSOPInstanceUID: instance,
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
  })
  const dataset = writeDataset([
    textElement(TAG.PatientID, 'LO', patient),
    textElement(TAG.StudyInstanceUID, 'UI', study),
    textElement(TAG.SeriesInstanceUID, 'UI', series),
    textElement(TAG.SOPInstanceUID, 'UI', instance),
    textElement(TAG.SOPClassUID, 'UI', SOPClassUID),
    textElement(TAG.Modality, 'CS', 'CT'),
    ...more,
  ])
  const bytes = Uint8Array.from([...meta, ...dataset])
  return {
    path,
    SOPClassUID,
    SOPInstanceUID: instance,
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
    keys: directoryKeys(parseDicom(bytes).dataset, SOPClassUID),
  }
}

/** Reads the records like a reader: from the root, by offsets only. */
function walk(bytes: Uint8Array): { type: string; depth: number; record: DicomDataset }[] {
  const directory = parseDicom(bytes).dataset
  const element = directory.elements.get(TAG.DirectoryRecordSequence)
  const byOffset = new Map<number, DicomDataset>()
  // An item's header of 8 bytes is before its first element.
  for (const record of element?.items ?? []) byOffset.set(([...record.elements.values()][0]?.start ?? 0) - 8, record)
  const found: { type: string; depth: number; record: DicomDataset }[] = []
  const follow = (offset: number, depth: number): void => {
    for (let at = offset; at !== 0; ) {
      const record = byOffset.get(at)
      if (!record) throw new Error(`no record at ${at}`)
      found.push({ type: text(record, TAG.DirectoryRecordType), depth, record })
      follow(number(record, TAG.OffsetOfReferencedLowerLevelDirectoryEntity) ?? 0, depth + 1)
      at = number(record, TAG.OffsetOfTheNextDirectoryRecord) ?? 0
    }
  }
  follow(number(directory, TAG.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity) ?? 0, 0)
  expect(found.length).toBe(byOffset.size)
  return found
}

const options = { SOPInstanceUID: '2.25.1', FileSetID: 'OUTPOST' }

describe('X8: the DICOMDIR', () => {
  it('X8: every file is reached from the root by offsets, below its series, study and patient', () => {
    const directory = writeDicomdir(
      [
        file('DICOM/S0001/I0001', 'P1', '1.1', '1.1.1', '1.1.1.1'),
        file('DICOM/S0001/I0002', 'P1', '1.1', '1.1.1', '1.1.1.2'),
        file('DICOM/S0002/I0001', 'P1', '1.1', '1.1.2', '1.1.2.1'),
        file('DICOM/S0003/I0001', 'P1', '1.2', '1.2.1', '1.2.1.1'),
        file('DICOM/S0004/I0001', 'P2', '1.3', '1.3.1', '1.3.1.1'),
      ],
      options,
    )
    expect(
      walk(directory).map(({ type, depth, record }) =>
        `${'-'.repeat(depth)}${type} ${text(record, TAG.ReferencedFileID)}`.trim(),
      ),
    ).toEqual([
      'PATIENT',
      '-STUDY',
      '--SERIES',
      '---IMAGE DICOM\\S0001\\I0001',
      '---IMAGE DICOM\\S0001\\I0002',
      '--SERIES',
      '---IMAGE DICOM\\S0002\\I0001',
      '-STUDY',
      '--SERIES',
      '---IMAGE DICOM\\S0003\\I0001',
      'PATIENT',
      '-STUDY',
      '--SERIES',
      '---IMAGE DICOM\\S0004\\I0001',
    ])
  })

  it('X8: any set of files in any order is listed whole', () => {
    const files = fc.uniqueArray(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(20)), {
      selector: (tuple) => tuple.join('.'),
      maxLength: 40,
    })
    fc.assert(
      fc.property(files, (tuples) => {
        const made = tuples.map(([p, st, se, i], index) =>
          file(`DICOM/F${index}`, `P${p}`, `1.${p}.${st}`, `1.${p}.${st}.${se}`, `1.${p}.${st}.${se}.${i}`),
        )
        const listed = walk(writeDicomdir(made, options))
          .filter(({ type }) => type === 'IMAGE')
          .map(({ record }) => text(record, TAG.ReferencedSOPInstanceUIDInFile))
        expect(listed.toSorted()).toEqual(made.map((each) => each.SOPInstanceUID).toSorted())
      }),
      { numRuns: 50 },
    )
  })

  it('X8: a name in another character set keeps its bytes and names that set', () => {
    // "Buc^Jérôme" in ISO 8859-1: é is E9, ô is F4.
    const name = Uint8Array.from([...'Buc^J'].map((c) => c.charCodeAt(0)).concat(0xe9, 0x72, 0xf4, 0x6d, 0x65))
    const [patient] = walk(
      writeDicomdir(
        [
          file('DICOM/A', 'P1', '1.1', '1.1.1', '1.1.1.1', [
            textElement(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 100'),
            bytesElement(TAG.PatientName, 'PN', name),
          ]),
        ],
        options,
      ),
    )
    expect(patient && text(patient.record, TAG.PatientName)).toBe('Buc^Jérôme')
  })

  it('X8: numbers that a directory may not leave empty are given by place', () => {
    const records = walk(
      writeDicomdir(
        [file('DICOM/A', '', '1.1', '1.1.1', '1.1.1.1'), file('DICOM/B', '', '1.1', '1.1.1', '1.1.1.2')],
        options,
      ),
    )
    expect(
      records.filter(({ type }) => type === 'IMAGE').map(({ record }) => text(record, TAG.InstanceNumber)),
    ).toEqual(['1', '2'])
    expect(records.map(({ record }) => record.elements.get(TAG.SeriesNumber)?.valueLength ?? 2)).not.toContain(0)
  })

  it('X8: two patients without an ID are two when their names differ', () => {
    const named = (name: string) => [textElement(TAG.PatientName, 'PN', name)]
    const records = walk(
      writeDicomdir(
        [
          file('DICOM/A', '', '1.1', '1.1.1', '1.1.1.1', named('Sample^One')),
          file('DICOM/B', '', '1.2', '1.2.1', '1.2.1.1', named('Sample^Two')),
        ],
        options,
      ),
    )
    expect(records.filter(({ type }) => type === 'PATIENT').map(({ record }) => text(record, TAG.PatientID))).toEqual([
      '1',
      '2',
    ])
  })

  it('X8: paths that ISO 9660 media cannot hold are refused', () => {
    for (const path of ['dicom/a', 'DICOM/TOOLONGNAME', 'DICOM/I.DCM', 'A/B/C/D/E/F/G/H/I', '../A'])
      expect(() => writeDicomdir([file(path, 'P', '1', '2', '3')], options), path).toThrow('bad-request')
  })

  it('X8: documents, reports and plans get the record of their kind', () => {
    const storage = '1.2.840.10008.5.1.4.1.1'
    expect(
      ['104.1', '88.11', '88.59', '11.1', '481.5', '66.4', '66', '2', '12.1'].map((rest) =>
        recordType(`${storage}.${rest}`),
      ),
    ).toEqual([
      'ENCAP DOC',
      'SR DOCUMENT',
      'KEY OBJECT DOC',
      'PRESENTATION',
      'RT PLAN',
      'IMAGE',
      'RAW DATA',
      'IMAGE',
      'IMAGE',
    ])
    expect(recordType('1.2.3.4')).toBe('PRIVATE')
    expect(
      sequence(
        walk(writeDicomdir([file('DICOM/A', 'P', '1', '2', '3', [], `${storage}.88.11`)], options)).at(-1)!.record,
        TAG.ConceptNameCodeSequence,
      ),
    ).toEqual([])
  })
})
