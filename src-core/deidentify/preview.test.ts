import { describe, expect, it } from 'vitest'
import { TAG } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  sequenceElement,
  textElement,
  writeDataset,
  type WritableElement,
} from '../dicom/write.ts'
import { previewDeidentified, type PreviewRow } from './preview.ts'

const US = '1.2.840.10008.5.1.4.1.1.6.1'
function rowsOf(
  elements: WritableElement[],
  regions: { x: number; y: number; width: number; height: number }[] = [],
  options: Parameters<typeof previewDeidentified>[1]['options'] = new Set(),
  SOPClassUID = US,
): Map<string, PreviewRow> {
  const all = [
    textElement(TAG.SOPClassUID, 'UI', SOPClassUID),
    textElement(TAG.SOPInstanceUID, 'UI', '1.2.3.4'),
    textElement(TAG.StudyInstanceUID, 'UI', '1.2.3'),
    textElement(TAG.SeriesInstanceUID, 'UI', '1.2.3.1'),
    textElement(TAG.Modality, 'CS', 'US'),
    ...elements,
  ].sort((a, b) => a.tag - b.tag)
  const head = filePreambleAndMeta({
    MediaStorageSOPClassUID: SOPClassUID,
    MediaStorageSOPInstanceUID: '1.2.3.4',
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
  })
  const file = parseDicom(new Uint8Array(Buffer.concat([head, writeDataset(all)])), { stopAtPixelData: true })
  const rows = previewDeidentified(file, {
    options,
    mapUid: (uid) => `2.25.${uid.length}`,
    shiftDays: -10,
    patientName: 'Anonymous^1',
    patientId: 'ANON',
    regions,
  })
  return new Map(rows.map((row) => [row.path, row]))
}

describe('the preview of what de-identifying does', () => {
  const patient = [
    textElement(TAG.PatientName, 'PN', 'Fiction^Fay'),
    textElement(TAG.PatientBirthDate, 'DA', '19600101'),
    textElement(TAG.InstitutionName, 'LO', 'Nowhere Hospital'),
    textElement(TAG.KVP, 'DS', '120'),
    textElement(0x00091001, 'LO', 'a secret'),
    textElement(0x00090010, 'LO', 'VENDOR'),
    textElement(TAG.StudyDate, 'DA', '20260110'),
  ]

  it('D8: removed, replaced and kept elements are listed with what they are now and what is sent', () => {
    const rows = rowsOf(patient)
    expect(rows.get('(0010,0010)')).toEqual({
      path: '(0010,0010)',
      tag: '(0010,0010)',
      keyword: 'PatientName',
      action: 'replaced',
      before: 'Fiction^Fay',
      after: 'Anonymous^1',
    })
    expect(rows.get('(0008,0080)')).toMatchObject({
      keyword: 'InstitutionName',
      action: 'removed',
      before: 'Nowhere Hospital',
      after: '',
    })
    expect(rows.get('(0010,0030)')).toMatchObject({
      keyword: 'PatientBirthDate',
      action: 'replaced',
      before: '19600101',
      after: '',
    })
    expect(rows.get('(0018,0060)')).toMatchObject({ keyword: 'KVP', action: 'kept', before: '120', after: '120' })
    expect(rows.get('(0009,1001)')).toMatchObject({ keyword: '', action: 'removed', before: 'a secret', after: '' })
    expect(rows.get('(0008,0018)')).toMatchObject({ action: 'replaced', before: '1.2.3.4', after: '2.25.7' })
    // The statement of de-identification is new.
    expect(rows.get('(0012,0062)')).toMatchObject({ action: 'replaced', before: '', after: 'YES' })
  })

  it('D8: items of sequences have lines of their own', () => {
    const rows = rowsOf([
      ...patient,
      sequenceElement(0x00400275, [
        [textElement(0x00400007, 'LO', 'Knee of Fay'), textElement(0x00400009, 'SH', 'STEP-1')],
      ]),
    ])
    expect([...rows.keys()].filter((path) => path.startsWith('(0040,0275)'))).not.toEqual([])
    const kept = rowsOf([
      sequenceElement(TAG.SequenceOfUltrasoundRegions, [
        [numberElement(TAG.RegionLocationMinX0, 'UL', [7])],
        [numberElement(TAG.RegionLocationMinX0, 'UL', [9])],
      ]),
    ])
    expect(kept.get('(0018,6011)[1]/(0018,6018)')).toMatchObject({ action: 'kept', before: '9', after: '9' })
  })

  it('D8, D2: options change what is shown', () => {
    expect(rowsOf(patient).get('(0008,0020)')).toMatchObject({ action: 'replaced', before: '20260110', after: '' })
    // The date is ten days earlier.
    expect(rowsOf(patient, [], new Set(['retainLongitudinalModifiedDates'])).get('(0008,0020)')).toMatchObject({
      action: 'cleaned',
      before: '20260110',
      after: '20251231',
    })
  })

  it('D8: pixels are named as kept, or as cleaned where regions are painted, without being read', () => {
    const pixels = [
      numberElement(TAG.Rows, 'US', [2]),
      numberElement(TAG.Columns, 'US', [2]),
      bytesElement(TAG.PixelData, 'OW', new Uint8Array(8)),
    ]
    expect(rowsOf(pixels).get('(7FE0,0010)')).toMatchObject({ action: 'kept', before: '8 B' })
    expect(rowsOf(pixels, [{ x: 0, y: 0, width: 1, height: 1 }]).get('(7FE0,0010)')).toMatchObject({
      action: 'cleaned',
    })
  })

  it('D6: what cannot be de-identified has no preview', () => {
    expect(() => rowsOf(patient, [], new Set(), '1.2.840.10008.5.1.4.1.1.104.1')).toThrow('encapsulated-document')
  })
})
