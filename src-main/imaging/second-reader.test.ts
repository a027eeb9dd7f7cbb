import { describe, expect, it } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { deidentifyInstance, type DeidentifyContext } from '../../src-core/deidentify/deidentify.ts'
import { optionSet } from '../../src-core/deidentify/options.ts'
import { actionOf } from '../../src-core/deidentify/table.ts'
import { ROWS } from '../../src-core/deidentify/table.generated.ts'
import type { DicomFile, Tag, VR } from '../../src-core/dicom/dataset.ts'
import { keywordOf, TAG, tagText, vrOf } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  sequenceElement,
  textElement,
  writeDataset,
} from '../../src-core/dicom/write.ts'
import { readAgain } from './second-reader.ts'

type Written = ReturnType<typeof textElement>
const CT = '1.2.840.10008.5.1.4.1.1.2'
const EXPLICIT = '1.2.840.10008.1.2.1'
const base: readonly Written[] = [
  textElement(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 192'),
  textElement(TAG.ImageType, 'CS', ['ORIGINAL', 'PRIMARY', 'AXIAL']),
  textElement(TAG.SOPClassUID, 'UI', CT),
  textElement(TAG.SOPInstanceUID, 'UI', '1.2.276.1.1.1'),
  textElement(TAG.Modality, 'CS', 'CT'),
  textElement(TAG.Manufacturer, 'LO', 'Rays'),
  textElement(TAG.PatientName, 'PN', 'Quxley^Zoë'),
  textElement(TAG.PatientID, 'LO', 'QX-4711'),
  textElement(TAG.StudyInstanceUID, 'UI', '1.2.276.1'),
  textElement(TAG.SeriesInstanceUID, 'UI', '1.2.276.1.1'),
  numberElement(TAG.SamplesPerPixel, 'US', [1]),
  numberElement(TAG.Rows, 'US', [2]),
  numberElement(TAG.Columns, 'US', [2]),
  numberElement(TAG.BitsAllocated, 'US', [16]),
  bytesElement(TAG.PixelData, 'OW', new Uint8Array(8).fill(9)),
]
const fileOf = (elements: readonly Written[]): DicomFile => {
  const own = new Set(elements.map(({ tag }) => tag))
  const sorted = [...base.filter(({ tag }) => !own.has(tag)), ...elements].sort((one, other) => one.tag - other.tag)
  return parseDicom(
    Buffer.concat([
      filePreambleAndMeta({
        MediaStorageSOPClassUID: CT,
        MediaStorageSOPInstanceUID: '1.2.276.1.1.1',
        TransferSyntaxUID: EXPLICIT,
      }),
      writeDataset(sorted),
    ]),
  )
}
const context = (...options: string[]): DeidentifyContext => ({
  options: optionSet(options),
  mapUid: (uid) => `2.25.${[...uid].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000_007, 7)}`,
  shiftDays: -41,
  patientName: 'Anonymous^1',
  patientId: 'PSEUDO',
  pixelsReviewed: true,
})
const copyOf = (file: DicomFile, how: DeidentifyContext): Buffer => Buffer.concat(deidentifyInstance(file, how).chunks)

/** The output of a faulty writer: the copy with an element of the source inserted before its pixels. */
function withElement(copy: Buffer, leaked: Written): Buffer {
  const pixels = copy.lastIndexOf(Buffer.from('e07f1000', 'hex'))
  return Buffer.concat([copy.subarray(0, pixels), writeDataset([leaked]), copy.subarray(pixels)])
}
function found(file: DicomFile, how: DeidentifyContext, bytes: Buffer): string {
  try {
    readAgain({ chunks: [bytes] }, file, how)
    return 'nothing'
  } catch (error) {
    if (!(error instanceof OutpostError)) throw error
    return `${error.code} ${String(error.detail.element)}`
  }
}

const TEXT: Partial<Record<VR, string>> = {
  AE: 'QUUXAE',
  CS: 'QUUXCS',
  LO: 'Quux place',
  SH: 'Quux',
  ST: 'Quux said',
  LT: 'Quux said',
  UT: 'Quux said',
  UC: 'Quux said',
  UR: 'http://127.0.0.1/quux',
  PN: 'Doctor^Quux',
  UI: '1.2.276.9.9',
  DA: '20190305',
  DT: '20190305112233',
  TM: '112233.445566',
  AS: '067Y',
  DS: '97.25',
  IS: '977',
}
const ROWS_WITH_TEXT: readonly (readonly [Tag, VR, string])[] = ROWS.flatMap(([tag]) => {
  const vr = vrOf(tag)
  const value = TEXT[vr]
  return tag < 0x00080000 || value === undefined ? [] : [[tag, vr, value] as const]
})
const named = (tag: Tag): string => `identifier-left ${keywordOf(tag) ?? tagText(tag)}`
const CHOICES = [
  [],
  ['retainLongitudinalModifiedDates', 'cleanDescriptors'],
  ['retainUIDs', 'retainDeviceIdentity', 'retainInstitutionIdentity', 'retainPatientCharacteristics'],
]

describe('D9: a copy is read again by another parser', () => {
  it('D9: every identifying element that a faulty writer leaves is named; a correct copy passes', () => {
    let rows = 0
    for (const options of CHOICES) {
      const how = context(...options)
      for (const [tag, vr, value] of ROWS_WITH_TEXT) {
        const action = actionOf(tag, how.options)
        const leaked = textElement(tag, vr, value)
        const file = fileOf([leaked])
        const copy = copyOf(file, how)
        expect(found(file, how, copy), keywordOf(tag)).toBe('nothing')
        if (action === 'K' || (action === 'C' && vr !== 'DA' && vr !== 'DT')) continue
        expect(found(file, how, withElement(copy, leaked)), `${keywordOf(tag)} with ${options.join()}`).toBe(named(tag))
        rows++
      }
    }
    expect(rows).toBeGreaterThan(900)
  })

  it('D9: so is each of them inside an item of a sequence, and two items deep', () => {
    for (const [tag, vr, value] of ROWS_WITH_TEXT) {
      const leaked = textElement(tag, vr, value)
      const sequences = [
        sequenceElement(TAG.SharedFunctionalGroupsSequence, [[leaked]]),
        sequenceElement(TAG.SharedFunctionalGroupsSequence, [
          [sequenceElement(TAG.DerivationImageSequence, [[textElement(TAG.Manufacturer, 'LO', 'x')], [leaked]])],
        ]),
      ]
      for (const nested of sequences) {
        const file = fileOf([nested])
        const copy = copyOf(file, context())
        expect(found(file, context(), copy), keywordOf(tag)).toBe('nothing')
        expect(found(file, context(), withElement(copy, nested)), keywordOf(tag)).toBe(named(tag))
      }
    }
  })

  it('D9: the patient in another element, in private ones, in unknown ones and in the file meta information', () => {
    const file = fileOf([])
    const copy = copyOf(file, context())
    const left = (leaked: Written): string => found(file, context(), withElement(copy, leaked))
    expect(left(textElement(TAG.Manufacturer, 'LO', 'made for quxley'))).toBe('identifier-left Manufacturer')
    expect(left(textElement(TAG.SoftwareVersions, 'LO', 'QX-4711 1.0'))).toBe('identifier-left SoftwareVersions')
    expect(left(sequenceElement(TAG.SourceImageSequence, [[textElement(TAG.ImageComments, 'LT', 'zoologic')]]))).toBe(
      'nothing',
    )
    expect(left(sequenceElement(TAG.SourceImageSequence, [[textElement(TAG.ImageComments, 'LT', 'Quxley')]]))).toBe(
      'identifier-left ImageComments',
    )
    expect(left(textElement(0x00091001, 'LO', 'anything'))).toBe('identifier-left (0009,1001)')
    expect(left(sequenceElement(0x00091002, [[textElement(TAG.Manufacturer, 'LO', 'x')]]))).toBe(
      'identifier-left (0009,1002)',
    )
    const meta = Buffer.concat([copy.subarray(0, 132), writeDataset([textElement(0x00020016, 'AE', 'SENDER')])])
    expect(found(file, context(), Buffer.concat([meta, copy.subarray(132)]))).toBe(
      'identifier-left SourceApplicationEntityTitle',
    )
  })

  it('D9: an object that ends in a sequence, and long integers of later editions, are read as they are', () => {
    const file = fileOf([
      sequenceElement(TAG.OriginalAttributesSequence, [[textElement(TAG.Manufacturer, 'LO', 'Rays')]]),
      bytesElement(0x00720083, 'UV', new Uint8Array(8).fill(7)),
      sequenceElement(0x00720080, [[bytesElement(0x00720081, 'OV', new Uint8Array(16).fill(7))]]),
    ])
    expect(found(file, context(), copyOf(file, context()))).toBe('nothing')
    const { dataset } = file
    const noPixels = { ...file, dataset: { ...dataset, elements: new Map(dataset.elements) } }
    noPixels.dataset.elements.delete(TAG.PixelData)
    expect(found(noPixels, context(), copyOf(noPixels, context()))).toBe('nothing')
  })

  it('D9: the name of the element is told, its value never', () => {
    const file = fileOf([])
    const leaked = textElement(TAG.InstitutionName, 'LO', 'Clinic of Quxley')
    try {
      readAgain({ chunks: [withElement(copyOf(file, context()), leaked)] }, file, context())
      expect.unreachable()
    } catch (error) {
      expect((error as OutpostError).detail).toEqual({ element: 'InstitutionName' })
    }
  })

  it('D9: pixel data that are cut, gone, or followed by more are found', () => {
    const file = fileOf([])
    const copy = copyOf(file, context())
    const pixels = copy.lastIndexOf(Buffer.from('e07f1000', 'hex'))
    const lost = 'pixels-not-intact PixelData'
    expect(found(file, context(), copy.subarray(0, -2))).toBe(lost)
    expect(found(file, context(), copy.subarray(0, pixels))).toBe(lost)
    expect(found(file, context(), Buffer.concat([copy, Buffer.from('tail')]))).toMatch(/^pixels-not-intact/)
    readAgain({ chunks: [copy.subarray(0, pixels + 12), copy.subarray(pixels + 12)] }, file, context())
    expect(() =>
      readAgain({ chunks: [copy.subarray(0, pixels + 12), copy.subarray(pixels + 14)] }, file, context()),
    ).toThrow('pixels-not-intact')
  })
})
