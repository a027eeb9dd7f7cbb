import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DicomFile } from '../dicom/dataset.ts'
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
import { deidentifyInstance, type DeidentifiedInstance, type DeidentifyContext } from './deidentify.ts'
import { nextSlice, type SeriesHead } from './next-slice.ts'
import type { OptionName } from './options.ts'
import { seriesHead } from './series-head.ts'

const CT = '1.2.840.10008.5.1.4.1.1.2'
const EXPLICIT = '1.2.840.10008.1.2.1'
const mapUid = (uid: string): string =>
  `2.25.${[...uid].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000_007, 7)}`
const basic: DeidentifyContext = {
  options: new Set(),
  mapUid,
  shiftDays: -100,
  patientName: 'Anonymous^3',
  patientId: 'ANON-1',
}
const withOptions = (...options: OptionName[]): DeidentifyContext => ({ ...basic, options: new Set(options) })

/** Large enough that the writer passes pixels on instead of copying them. */
const pixels = Uint8Array.from({ length: 128 * 128 * 2 }, (_, at) => (at % 2 === 0 ? (at * 7) & 0xff : 0))

interface Slice {
  readonly sop?: string
  readonly time?: string
  readonly number?: string
  readonly position?: string
  readonly location?: string
  readonly instead?: readonly WritableElement[]
  readonly behind?: Uint8Array
  readonly without?: readonly number[]
}

function sliceBytes({
  sop = '1.2.3.4.1',
  time = '101112.5',
  number = '1',
  position = '0\\0\\1.5',
  location = '1.5',
  instead = [],
  behind,
  without = [],
}: Slice): Uint8Array {
  const own = [
    textElement(TAG.ImageType, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
    textElement(TAG.SOPClassUID, 'UI', CT),
    textElement(TAG.SOPInstanceUID, 'UI', sop),
    textElement(TAG.StudyDate, 'DA', '20240102'),
    textElement(TAG.ContentTime, 'TM', time),
    textElement(TAG.AccessionNumber, 'SH', 'A4711'),
    textElement(TAG.Modality, 'CS', 'CT'),
    textElement(TAG.StationName, 'SH', 'CT3'),
    textElement(TAG.PatientName, 'PN', 'Zebedee^Quill'),
    textElement(TAG.PatientID, 'LO', 'MRN90210'),
    textElement(TAG.ConvolutionKernel, 'SH', 'STANDARD'),
    textElement(TAG.KVP, 'DS', '120'),
    bytesElement(0x00191001, 'OB', Uint8Array.of(1, 2, 3, 4)),
    textElement(TAG.StudyInstanceUID, 'UI', '1.2.3'),
    textElement(TAG.SeriesInstanceUID, 'UI', '1.2.3.1'),
    textElement(TAG.InstanceNumber, 'IS', number),
    textElement(TAG.ImagePositionPatient, 'DS', position),
    textElement(TAG.SliceLocation, 'DS', location),
    numberElement(TAG.Rows, 'US', [128]),
    numberElement(TAG.Columns, 'US', [128]),
    textElement(TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
    numberElement(TAG.SamplesPerPixel, 'US', [1]),
    numberElement(TAG.BitsAllocated, 'US', [16]),
    numberElement(TAG.BitsStored, 'US', [12]),
    numberElement(TAG.HighBit, 'US', [11]),
    numberElement(TAG.PixelRepresentation, 'US', [0]),
    bytesElement(TAG.PixelData, 'OW', pixels),
  ]
  const given = new Set([...instead.map(({ tag }) => tag), ...without])
  const all = [...own.filter(({ tag }) => !given.has(tag)), ...instead].sort((a, b) => a.tag - b.tag)
  const meta = filePreambleAndMeta({
    MediaStorageSOPClassUID: CT,
    MediaStorageSOPInstanceUID: sop,
    TransferSyntaxUID: EXPLICIT,
  })
  return join([meta, writeDataset(all), behind ?? new Uint8Array(0)])
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks))
}

const whole = (bytes: Uint8Array, context: DeidentifyContext): { file: DicomFile; instance: DeidentifiedInstance } => {
  const file = parseDicom(bytes, { skipPrivate: !context.options.has('retainSafePrivate') })
  return { file, instance: deidentifyInstance(file, context) }
}
const said = ({ chunks, ...rest }: DeidentifiedInstance): object => ({
  ...rest,
  bytes: Buffer.from(join(chunks)).toString('latin1'),
})

/** What two files teach about a series. */
function learnt(context: DeidentifyContext, ...files: readonly Uint8Array[]): SeriesHead {
  let series: SeriesHead | null = null
  for (const bytes of files) {
    const { file, instance } = whole(bytes, context)
    series = seriesHead(file, context, instance, series)
  }
  return series!
}

const first = sliceBytes({})
const second = sliceBytes({
  sop: '1.2.3.4.222',
  time: '101113',
  number: '10',
  position: '0\\0\\13.25',
  location: '13.25',
})
const series = learnt(basic, first, second)

describe('D1: the short way makes the same of a slice as the whole way', () => {
  it('of the first file alone, it takes nothing but the same again', () => {
    const alone = learnt(basic, first)
    expect(nextSlice(alone, second)).toBeNull()
    expect(said(nextSlice(alone, first)!)).toEqual(said(whole(first, basic).instance))
  })

  it('UIDs, times and numbers of any length', () => {
    const slice = fc.record({
      sop: fc.array(fc.nat(99_999), { minLength: 2, maxLength: 8 }).map((parts) => `1.3.${parts.join('.')}`),
      time: fc.constantFrom('1', '1011', '101112', '101112.123456'),
      number: fc.integer().map(String),
      position: fc
        .array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 3 })
        .map((values) => values.map((value) => value.toFixed(2)).join('\\')),
      location: fc.nat(1000).map(String),
    })
    fc.assert(
      fc.property(slice, (values) => {
        const bytes = sliceBytes(values)
        expect(said(nextSlice(series, bytes)!)).toEqual(said(whole(bytes, basic).instance))
      }),
    )
  })

  it('what a vendor adds, of any length', () => {
    const added = (long: number, short: string): Uint8Array =>
      sliceBytes({
        sop: `1.2.3.${long}`,
        instead: [bytesElement(0x00191001, 'OB', new Uint8Array(long)), textElement(0x00191002, 'LO', short)],
      })
    const taught = learnt(basic, added(40, 'one'), added(400, 'other'))
    for (const bytes of [added(0, ''), added(2000, 'Zebedee Quill'), added(70_000, 'x'.repeat(3000))])
      expect(said(nextSlice(taught, bytes)!)).toEqual(said(whole(bytes, basic).instance))
    const safe = withOptions('retainSafePrivate')
    expect(nextSlice(learnt(safe, added(40, 'one'), added(400, 'other')), added(0, ''))).toBeNull()
  })

  it('the pixels are the source’s own bytes', () => {
    const { chunks } = nextSlice(series, second)!
    expect(chunks).toHaveLength(2)
    expect(chunks[1]!.buffer).toBe(second.buffer)
  })

  it.each<[OptionName[]]>([
    [['retainLongitudinalFullDates']],
    [['retainLongitudinalModifiedDates']],
    [['retainUIDs']],
    [['retainSafePrivate']],
    [['cleanDescriptors', 'retainDeviceIdentity', 'retainPatientCharacteristics']],
  ])('under %s, or not at all', (options) => {
    const context = withOptions(...options)
    const taught = learnt(context, first, second)
    for (const values of [
      { number: '300' },
      { number: '2', time: '999999' },
      { sop: '1.2.3.4.333' },
      { location: '7', position: '1\\2\\3' },
    ]) {
      const bytes = sliceBytes({
        sop: '1.2.3.4.222',
        time: '101113',
        number: '10',
        position: '0\\0\\13.25',
        location: '13.25',
        ...values,
      })
      const short = nextSlice(taught, bytes)
      if (short) expect(said(short)).toEqual(said(whole(bytes, context).instance))
    }
  })
})

describe('D1: whatever else differs goes the whole way', () => {
  const other = (elements: WritableElement[]): Uint8Array =>
    sliceBytes({ sop: '1.2.3.4.5', number: '3', instead: elements })

  it.each<[string, Uint8Array]>([
    ['the patient’s name', other([textElement(TAG.PatientName, 'PN', 'Zebedee^Quell')])],
    ['the patient’s number', other([textElement(TAG.PatientID, 'LO', 'MRN90211')])],
    ['the accession number', other([textElement(TAG.AccessionNumber, 'SH', 'A4712')])],
    ['what decides whether a person must look', other([textElement(TAG.ImageType, 'CS', 'ORIGINAL\\PRIMARY\\LABEL')])],
    ['an element more', other([textElement(TAG.BurnedInAnnotation, 'CS', 'YES')])],
    ['an element less', sliceBytes({ sop: '1.2.3.4.5', without: [TAG.KVP] })],
    ['the study', other([textElement(TAG.StudyInstanceUID, 'UI', '1.2.4')])],
    ['the series', other([textElement(TAG.SeriesInstanceUID, 'UI', '1.2.3.2')])],
    ['text that is kept', other([textElement(TAG.ConvolutionKernel, 'SH', 'Quill 30')])],
    ['a number that did not differ before', other([textElement(TAG.KVP, 'DS', '140')])],
    [
      'a private element that did not differ before',
      other([bytesElement(0x00191001, 'OB', Uint8Array.of(1, 2, 3, 5))]),
    ],
    ['a private element of another VR', other([bytesElement(0x00191001, 'UN', Uint8Array.of(1, 2, 3, 4))])],
    ['bits', other([numberElement(TAG.BitsAllocated, 'US', [8])])],
    ['another VR', other([textElement(TAG.InstanceNumber, 'LO', '3')])],
    ['a time without a value', sliceBytes({ time: '' })],
    ['a UID without a value', sliceBytes({ sop: '' })],
    ['a UID with a letter', sliceBytes({ sop: '1.2.3.x' })],
    ['two UIDs', sliceBytes({ sop: '1.2.3\\1.2.4' })],
    ['a UID of the standard', sliceBytes({ sop: '1.2.840.10008.1.20.1.1' })],
    ['a value that no number needs', sliceBytes({ location: '1'.repeat(300) })],
    ['bytes behind the pixels', sliceBytes({ behind: new Uint8Array(12) })],
    ['pixels cut off', sliceBytes({}).subarray(0, -2)],
    ['a head cut off', sliceBytes({}).subarray(0, 700)],
    ['nothing at all', new Uint8Array(0)],
    ['another preamble', Uint8Array.from(second, (byte, at) => (at === 5 ? 1 : byte))],
  ])('%s', (_what, bytes) => expect(nextSlice(series, bytes)).toBeNull())

  it.each<[string, (which: number) => WritableElement]>([
    ['the patient’s name', (which) => textElement(TAG.PatientName, 'PN', `Zebedee^Quill${which}`)],
    [
      'the patient’s birth date, written as text',
      (which) => textElement(TAG.PatientBirthDate, 'LO', `2024010${which}`),
    ],
    ['the patient’s number, written as a number', (which) => textElement(TAG.PatientID, 'IS', `${which}`)],
    ['the series', (which) => textElement(TAG.SeriesInstanceUID, 'UI', `1.2.3.${which}`)],
    ['text that is kept', (which) => textElement(TAG.ConvolutionKernel, 'SH', `STANDARD${which}`)],
    ['private items', (which) => sequenceElement(0x00191002, [[textElement(TAG.CodeValue, 'SH', `${which}`)]])],
    ['bits', (which) => numberElement(TAG.BitsStored, 'US', [8 + which])],
    ['how many frames there are', (which) => textElement(TAG.NumberOfFrames, 'IS', `${which}`)],
  ])('%s, however often it differed', (_what, element) => {
    const taught = learnt(basic, other([element(1)]), other([element(2)]), other([element(3)]))
    expect(nextSlice(taught, other([element(3)]))).not.toBeNull()
    expect(nextSlice(taught, other([element(4)]))).toBeNull()
  })

  it('but for a number that differed once: it may differ again', () => {
    const voltage = (value: string): Uint8Array => sliceBytes({ instead: [textElement(TAG.KVP, 'DS', value)] })
    expect(nextSlice(learnt(basic, voltage('80'), voltage('100')), voltage('120'))).not.toBeNull()
  })

  it('any byte of the head at all: the same, or the whole way', () => {
    const headLength = second.length - pixels.length
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(headLength - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = second.slice()
          for (const [at, byte] of changes) bytes[at] = byte
          const short = nextSlice(series, bytes)
          if (short) expect(said(short)).toEqual(said(whole(bytes, basic).instance))
        },
      ),
      { numRuns: 3000 },
    )
  })
})

it('D5: a slice with something in unused bits, or behind its pixels, goes the whole way', () => {
  const series = learnt(basic, first, second)
  const planted = second.slice()
  planted[planted.length - 1] = 0x80
  expect(nextSlice(series, second)).not.toBeNull()
  expect(nextSlice(series, planted)).toBeNull()
})

describe('D1: files that teach nothing', () => {
  it.each<[string, Uint8Array, DeidentifyContext?]>([
    ['painted ones', first, { ...basic, regions: [{ x: 0, y: 0, width: 4, height: 4 }] }],
    ['shown before they are made', first, { ...basic, preview: true }],
    ['with something behind the pixels', sliceBytes({ instead: [bytesElement(0xfffcfffc, 'OB', new Uint8Array(4))] })],
    [
      'with something in unused bits',
      sliceBytes({ instead: [bytesElement(TAG.PixelData, 'OW', pixels.with(1, 0x80))] }),
    ],
    [
      'with more pixels than are shown',
      sliceBytes({ instead: [bytesElement(TAG.PixelData, 'OW', join([pixels, Uint8Array.of(1, 2)]))] }),
    ],
    [
      'with a head of 256 KiB',
      sliceBytes({
        instead: [
          sequenceElement(
            TAG.ReferencedImageSequence,
            Array.from({ length: 4000 }, () => [
              textElement(TAG.ReferencedSOPInstanceUID, 'UI', '1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20'),
            ]),
          ),
        ],
      }),
    ],
    [
      'small enough to be copied',
      sliceBytes({ instead: [bytesElement(TAG.PixelData, 'OW', pixels.subarray(0, 200))] }),
    ],
  ])('%s', (_what, bytes, context = basic) => {
    const { file, instance } = whole(bytes, context)
    expect(seriesHead(file, context, instance, null)).toBeNull()
  })
})
