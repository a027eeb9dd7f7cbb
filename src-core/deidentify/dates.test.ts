import { describe, expect, it } from 'vitest'
import type { VR } from '../dicom/dataset.ts'
import { keywordOf, TAG, vrOf } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import { filePreambleAndMeta, sequenceElement, textElement, writeDataset } from '../dicom/write.ts'
import { isTime } from './dates.ts'
import { deidentifyInstance } from './deidentify.ts'
import { optionSet } from './options.ts'
import { ROWS } from './table.generated.ts'

const SHIFT = -41
const CT = '1.2.840.10008.5.1.4.1.1.2'

/**
 * The de-identified copy, as Latin-1, of an instance with one more element, at the top level or in items of one value
 * each.
 */
function copyWith(tag: number, vr: VR, values: string | readonly string[], nested = false): string {
  const elements = [
    textElement(TAG.SOPClassUID, 'UI', CT),
    textElement(TAG.SOPInstanceUID, 'UI', '1.2.3.4'),
    textElement(TAG.PatientName, 'PN', 'Q'),
    textElement(TAG.PatientID, 'LO', 'Q'),
    textElement(TAG.StudyInstanceUID, 'UI', '1.2.3'),
    textElement(TAG.SeriesInstanceUID, 'UI', '1.2.3.1'),
    nested
      ? sequenceElement(
          TAG.SharedFunctionalGroupsSequence,
          [values].flat().map((value) => [textElement(tag, vr, value)]),
        )
      : textElement(tag, vr, values),
  ].sort((one, other) => one.tag - other.tag)
  const head = filePreambleAndMeta({
    MediaStorageSOPClassUID: CT,
    MediaStorageSOPInstanceUID: '1.2.3.4',
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
  })
  const { chunks } = deidentifyInstance(parseDicom(Buffer.concat([head, writeDataset(elements)])), {
    options: optionSet(['retainLongitudinalModifiedDates', 'cleanDescriptors', 'cleanStructuredContent']),
    mapUid: (uid) => `2.25.${uid.length}`,
    shiftDays: SHIFT,
    patientName: 'Anonymous^1',
    patientId: 'P',
    pixelsReviewed: true,
  })
  return Buffer.concat(chunks).toString('latin1')
}

/** A date in the forms in which people and programs write it. */
const WRITTEN = [
  '20190815',
  '2019-08-15',
  '2019.08.15',
  '15.08.2019',
  '15/08/2019',
  '15 08 2019',
  '15/08/19',
  '15.8.19',
  '2019 08 15',
]
const TRACES = /20190815|2019.?0?8.?15|15.?0?8.?(20)?19/

describe('D2: with modified dates no date stays as it was', () => {
  it('D2: every date, time and cleaned text of the table, at the top and in items, however dates are written', () => {
    const rows = ROWS.filter(([tag, , , options]) => {
      const vr = vrOf(tag)
      const cleaned = options.retainLongitudinalModifiedDates ?? options.cleanDescriptors
      return tag >= 0x00080000 && cleaned === 'C' && vr !== 'SQ'
    })
    expect(rows.length).toBeGreaterThan(150)
    const stayed: string[] = []
    let checked = 0
    for (const [index, [tag]] of rows.entries())
      for (const vr of new Set<VR>([vrOf(tag), 'DA', 'DT', 'TM', 'LO'])) {
        const copies = [
          copyWith(tag, vr, WRITTEN, true),
          copyWith(tag, vr, WRITTEN[index % WRITTEN.length]!),
          copyWith(tag, vr, ['20190815112233.5+0100', '20190815'], index % 2 === 0),
        ]
        checked += copies.length
        for (const copy of copies) {
          const trace = TRACES.exec(copy)?.[0]
          if (trace) stayed.push(`${keywordOf(tag)} ${vr} ${trace}`)
        }
      }
    expect(checked).toBeGreaterThan(2_000)
    expect(stayed).toEqual([])
  })

  it('D2: what is moved is moved by the same days, in the middle of a year, over its end and on a leap day', () => {
    // 41 days before 15 August is 5 July, before 10 February is 31 December, before 29 February 2020 is 19 January.
    expect(copyWith(TAG.StudyDate, 'DA', '20190815')).toContain('20190705')
    expect(copyWith(TAG.StudyDate, 'DA', '20190210')).toContain('20181231')
    expect(copyWith(TAG.AcquisitionDateTime, 'DT', '20200229112233', true)).toContain('20200119112233')
  })

  it('D2: times of the day stay, and nothing else that is called a time', () => {
    for (const time of ['', '11', '1122', '112233', '112233.445566 ', '11:22:33', '0800-1130', '112233\\112234'])
      expect(isTime(time), time).toBe(true)
    for (const other of ['20190815', '2019-08-15', '15.08.2019', '2519', '116000', '20190815112233', 'noon'])
      expect(isTime(other), other).toBe(false)
  })
})
